"""Make the pictures of this folder: what pcs-os really prints, as SVG, still and as a recording.

    python docs/pictures/make.py                  those that need no cluster
    python docs/pictures/make.py --lab lab        the failover, in a lab that runs: a node of it is killed!
    python docs/pictures/make.py --to FOLDER      into another folder

No cluster is needed, because the scheduler is asked what would run after an apply, and its answer is looked
at as if it were a cluster's CIB. Graphviz draws the graph.
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

#: Columns of the terminal that is drawn.
WIDTH = 104

#: Seconds that a recording stands still after a command was typed, and between two lines that it prints.
TYPED, LINE = 0.9, 0.06

#: A document that has slips in it.
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

#: The power switches that the quickstart's cluster of containers has by itself.
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

#: The stills: the name of each, and what is typed.
STILLS = {
    "validate": "pcs-os validate web.cib.yaml",
    "plan": "pcs-os plan --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml",
    "status": "pcs-os status --cib-file cluster.xml",
    "check": "pcs-os check --survive 1 --cib-file train.xml cib/openstack-train.cib.yaml",
}

#: A failover is over when nothing has changed for so many looks, or after this many seconds.
QUIET, LONGEST = 20, 120.0

#: What is typed in the recording.
RECORDING = (
    "pcs-os plan --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml",
    "pcs-os apply --yes --cib-file cluster.xml --var vip=172.31.250.101 cib/quickstart.cib.yaml | tail -1",
    "pcs-os history --cib-file cluster.xml | sed -n 1,2p",
    "pcs-os rollback --yes --cib-file cluster.xml | tail -1",
)


#: With which status a command ends when all is as it should be, where that is not 0.
_ENDS = {"validate": 1, "plan": 2}

#: The commands of pcs-os that print in colour when they are told to.
_COLOURED = re.compile(r"^pcs-os (plan|apply|status|check|rollback)\b")

_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_ROW = re.compile(r'<text [^>]*clip-path="url\(#p-line-(\d+)\)"[^>]*>.*?</text>', re.DOTALL)

#: Each row of a recording appears at its time; where people want no motion, all is there at once.
_APPEAR = """
    @media (prefers-reduced-motion: no-preference) {
      .row { visibility: hidden; animation: appear 1ms forwards; }
    }
    @keyframes appear { to { visibility: visible; } }
"""


@dataclass(frozen=True)
class Shown:
    """A line on the screen, and the second of the recording at which it appears."""

    text: Text
    second: float = 0.0


class Terminal:
    """Somebody's terminal in a folder with cib/ in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = [str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "PATH": os.pathsep.join(programs),
            "COLUMNS": str(WIDTH),
            "FORCE_COLOR": "1",
        }
        (folder / "cib").symlink_to(ROOT / "cib")

    def run(self, line: str) -> str:
        """What a line prints. Ends the program when the line does not end as it should."""
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != _ENDS.get(line.split()[1], 0):
            sys.exit(f"{line}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def settle(self, name: str, *documents: str) -> None:
        """Apply documents to a CIB file and let the scheduler start in it what would be started."""
        for document in documents:
            self.run(f"pcs-os apply --yes --cib-file {name}.xml {document}")
        nodes = re.findall(r'uname="([^"]+)"', (self.folder / f"{name}.xml").read_text())
        online = shlex.join(word for node in dict.fromkeys(nodes) for word in ("--node-up", node))
        self.run(
            f"crm_simulate --simulate --quorum true --xml-file {name}.xml {online} --save-output {name}.new"
        )
        settled = (self.folder / f"{name}.new").read_text()
        there = re.sub(r'have-quorum="[^"]*"', 'have-quorum="1" dc-uuid="1"', settled, count=1)
        (self.folder / f"{name}.xml").write_text(there)


def screen(terminal: Terminal, lines: Sequence[str]) -> list[Shown]:
    """What is on the screen after these lines were typed, one after the other."""
    shown, second = [], 0.0
    for line in lines:
        shown.append(Shown(Text.assemble(("$ ", "bold green"), line), second))
        second += TYPED
        for printed in terminal.run(_COLOURED.sub(r"pcs-os \1 --color always", line)).rstrip().splitlines():
            shown.append(Shown(Text.from_ansi(printed), second))
            second += LINE
        shown.append(Shown(Text(""), second))
        second += TYPED
    return shown[:-1]


def draw(shown: Sequence[Shown]) -> str:
    """The screen as SVG; lines that appear later than at once make it a recording."""
    console = Console(
        record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    seconds = []
    for each in shown:
        for row in each.text.wrap(console, WIDTH) or [Text("")]:
            console.print(row)
            seconds.append(each.second)
    svg = console.export_svg(title="pcs-os", theme=MONOKAI, unique_id="p")
    # Nothing is fetched from elsewhere: whoever looks has a font of fixed width.
    svg = _FONTS.sub("", svg).replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace")
    if not any(seconds):
        return svg

    def timed(match: re.Match[str]) -> str:
        return f'<g class="row" style="animation-delay:{seconds[int(match[1])]:.2f}s">{match[0]}</g>'

    return _ROW.sub(timed, svg).replace("</style>", f"{_APPEAR}</style>", 1)


def failover(terminal: Terminal, lab: str) -> list[Shown]:
    """Kill a node of a lab, and show what another one says as it changes, with the seconds that it took."""
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
    """The nodes with their states, in a line."""
    return "   ".join(f"{node['name']} {node['state']}" for node in status["nodes"])


def main() -> None:
    """Make the pictures."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--to", type=Path, default=HERE, metavar="FOLDER")
    words.add_argument("--lab", metavar="NAME")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        terminal = Terminal(Path(scratch))
        if asked.lab:
            write(asked.to / "failover.svg", draw(failover(terminal, asked.lab)))
            return
        (Path(scratch) / "web.cib.yaml").write_text(WRONG)
        (Path(scratch) / "power.cib.yaml").write_text(POWER)
        terminal.settle("cluster", "power.cib.yaml", "cib/quickstart.cib.yaml")
        for name, line in STILLS.items():
            still = [Shown(each.text) for each in screen(terminal, [line])]
            write(asked.to / f"{name}.svg", draw(still))
        write(asked.to / "session.svg", draw(screen(terminal, RECORDING)))
        terminal.run(f"pcs-os graph cib/quickstart.cib.yaml -o {shlex.quote(str(asked.to / 'graph.svg'))}")


def write(path: Path, svg: str) -> None:
    """Write a picture and say so."""
    path.write_text(svg)
    print(f"{path}  {len(svg) // 1000} kB")


if __name__ == "__main__":
    main()
