"""Create the pictures in this directory: the output of pcs-os as SVG, still and animated.

    python docs/pictures/make.py                     pictures that need no cluster
    python docs/pictures/make.py --lab lab           the failover; kills a node of a running lab
    python docs/pictures/make.py --to DIRECTORY      write to another directory

Most pictures need no cluster: the scheduler simulates the cluster after an apply, and pcs-os reads the result
as a CIB. Graphviz draws the graph.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

#: Columns of the terminal.
WIDTH = 104

#: Pauses of a recording after each command, and between lines of output, in seconds.
TYPED, LINE = 0.9, 0.06

#: A document with mistakes.
WRONG = """\
name: web
resources:
  vip:
    agent: ocf:heartbeat:IPaddr2
    parms: {ip: 192.0.2.10}
  proxy:
    agent: systemd:haproxy
    monitor: 10 sec
  vip:
    agent: systemd:nginx
"""

#: The fencing devices of the cluster of containers that quickstart creates.
POWER = """\
name: power
nodes:
  controller0[1-3]: {}
resources:
  fence-controller01: &redfish
    agent: stonith:fence_redfish
    params: {ip: 172.31.250.5, username: lab, pcmk_host_list: controller01}
  fence-controller02:
    <<: *redfish
    params: {ip: 172.31.250.5, username: lab, pcmk_host_list: controller02}
  fence-controller03:
    <<: *redfish
    params: {ip: 172.31.250.5, username: lab, pcmk_host_list: controller03}
"""

#: The stills: their names and commands.
STILLS = {
    "validate": "pcs-os validate web.cib.yaml",
    "plan": "pcs-os plan --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml",
    "status": "pcs-os status --cib-file cluster.xml",
    "check": "pcs-os check --survive 1 --cib-file train.xml cib/openstack-train.cib.yaml",
}

#: A failover ends when the state is unchanged for this number of polls, or after this time in seconds.
QUIET, LONGEST = 20, 120.0

#: Commands of the recording.
RECORDING = (
    "pcs-os plan --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml",
    "pcs-os apply --yes --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml | tail -1",
    "pcs-os history --cib-file cluster.xml | sed -n 1,2p",
    "pcs-os rollback --yes --cib-file cluster.xml | tail -1",
)


#: Expected exit statuses other than 0.
_EXPECTED_STATUS = {"validate": 1, "plan": 2}

#: The commands of pcs-os with the option --color.
_COLORED = re.compile(r"^pcs-os (plan|apply|status|check|rollback)\b")

_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_ROW = re.compile(r'<text [^>]*clip-path="url\(#p-line-(\d+)\)"[^>]*>.*?</text>', re.DOTALL)

#: Each row of a recording appears at its time. Readers who prefer reduced motion see all rows immediately.
_APPEAR = """
    @media (prefers-reduced-motion: no-preference) {
      .row { visibility: hidden; animation: appear 1ms forwards; }
    }
    @keyframes appear { to { visibility: visible; } }
"""


@dataclass(frozen=True)
class Shown:
    """A line on the screen, and its time in the recording, in seconds."""

    text: Text
    second: float = 0.0


class Terminal:
    """A terminal in a directory that contains cib/."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        programs = [str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "PATH": os.pathsep.join(programs),
            "COLUMNS": str(WIDTH),
            "FORCE_COLOR": "1",
        }
        (directory / "cib").symlink_to(ROOT / "cib")

    def run(self, line: str) -> str:
        """Return the output of a command line. Exit if its status is unexpected."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != _EXPECTED_STATUS.get(line.split()[1], 0):
            sys.exit(f"{line}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def settle(self, name: str, *documents: str) -> None:
        """Apply documents to a CIB file, and simulate the start of its resources."""
        for document in documents:
            self.run(f"pcs-os apply --yes --cib-file {name}.xml {document}")
        nodes = re.findall(r'uname="([^"]+)"', (self.directory / f"{name}.xml").read_text())
        online = shlex.join(word for node in dict.fromkeys(nodes) for word in ("--node-up", node))
        self.run(
            f"crm_simulate --simulate --quorum true --xml-file {name}.xml {online} --save-output {name}.new"
        )
        settled = (self.directory / f"{name}.new").read_text()
        with_quorum = re.sub(r'have-quorum="[^"]*"', 'have-quorum="1" dc-uuid="1"', settled, count=1)
        (self.directory / f"{name}.xml").write_text(with_quorum)


def screen(terminal: Terminal, lines: Sequence[str]) -> list[Shown]:
    """Return the screen after these command lines."""
    shown, second = [], 0.0
    for line in lines:
        shown.append(Shown(Text.assemble(("$ ", "bold green"), line), second))
        second += TYPED
        for printed in terminal.run(_COLORED.sub(r"pcs-os \1 --color always", line)).rstrip().splitlines():
            shown.append(Shown(Text.from_ansi(printed), second))
            second += LINE
        shown.append(Shown(Text(""), second))
        second += TYPED
    return shown[:-1]


def draw(shown: Sequence[Shown]) -> str:
    """Return the screen as SVG. It is a recording if lines have a time."""
    console = Console(
        record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    seconds = []
    for each in shown:
        for row in each.text.wrap(console, WIDTH) or [Text("")]:
            console.print(row)
            seconds.append(each.second)
    svg = console.export_svg(title="pcs-os", theme=MONOKAI, unique_id="p")
    # The picture loads no font. Every browser has a monospace font.
    svg = _FONTS.sub("", svg).replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    if not any(seconds):
        return svg

    def timed(match: re.Match[str]) -> str:
        return f'<g class="row" style="animation-delay:{seconds[int(match[1])]:.2f}s">{match[0]}</g>'

    return _ROW.sub(timed, svg).replace("</style>", f"{_APPEAR}</style>", 1)


def failover(terminal: Terminal, lab: str) -> list[Shown]:
    """Kill a node of a lab, and show the state changes that another node reports, with their times."""
    where = f"--container {lab}-controller02"
    line = f"pcs-os lab fault kill --name {lab} controller01"
    shown = [Shown(Text.assemble(("$ ", "bold green"), line))]
    terminal.run(line)
    begin, before, quiet = time.monotonic(), "", 0
    while quiet < QUIET and time.monotonic() - begin < LONGEST:
        summary = short(json.loads(terminal.run(f"pcs-os status --json {where}")))
        second = time.monotonic() - begin
        quiet = quiet + 1 if summary == before else 0
        if summary != before:
            shown.append(Shown(Text.assemble((f"{second:5.1f} s  ", "cyan"), summary), second))
        before = summary
        time.sleep(0.5)
    return shown


def short(status: dict[str, Any]) -> str:
    """Return the nodes and their states in one line."""
    return "   ".join(f"{node['name']} {node['state']}" for node in status["nodes"])


def main() -> None:
    """Create the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=HERE, metavar="DIRECTORY")
    parser.add_argument("--lab", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        terminal = Terminal(Path(scratch))
        if options.lab:
            write(options.to / "failover.svg", draw(failover(terminal, options.lab)))
            return
        (Path(scratch) / "web.cib.yaml").write_text(WRONG)
        (Path(scratch) / "power.cib.yaml").write_text(POWER)
        terminal.settle("cluster", "power.cib.yaml", "cib/quickstart.cib.yaml")
        for name, line in STILLS.items():
            still = [Shown(each.text) for each in screen(terminal, [line])]
            write(options.to / f"{name}.svg", draw(still))
        write(options.to / "session.svg", draw(screen(terminal, RECORDING)))
        terminal.run(f"pcs-os graph cib/quickstart.cib.yaml -o {shlex.quote(str(options.to / 'graph.svg'))}")


def write(path: Path, svg: str) -> None:
    """Write a picture and print its path."""
    path.write_text(svg)
    print(f"{path}  {len(svg) // 1000} kB")


if __name__ == "__main__":
    main()
