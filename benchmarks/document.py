"""How long documents take as whole processes, and how time and memory grow with them.

Run: python benchmarks/document.py [--sizes 1000 5000]

A size of 1000 is 1,000 clones with a parameter and a monitor each, and as many orders. crm and pcs read and
write the same cluster in the same run, where they are installed: crm its own text; pcs, which has no way to
load one, makes one resource and one order on a CIB of that size, and would need as many calls as there are.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3
HEAD = (
    '<cib validate-with="pacemaker-3.7" admin_epoch="0" epoch="1" num_updates="0" crm_feature_set="3.16.0">'
)


@dataclass(frozen=True, slots=True)
class Cost:
    """The best wall time of a process in seconds, and the memory that it needed at most, in MiB."""

    seconds: float
    mebibytes: float


def document(size: int) -> str:
    """Return the document of a size."""
    lines = ["resources:"]
    for n in range(size):
        lines += [
            f"  r{n}:",
            "    agent: ocf:heartbeat:Dummy",
            f"    params: {{state: /run/r{n}}}",
            "    monitor: 30s",
            "    clone: {interleave: true}",
        ]
    lines += ["order:", *(f"  - r{n} then r{n + 1}" for n in range(size - 1))]
    return "\n".join(lines) + "\n"


def crm_text(size: int) -> str:
    """Return the same in the language of crm."""
    lines = []
    for n in range(size):
        lines.append(f"primitive r{n} ocf:heartbeat:Dummy params state=/run/r{n} op monitor interval=30s")
        lines.append(f"clone r{n}-clone r{n} meta interleave=true")
    lines += [f"order o{n} Mandatory: r{n}-clone r{n + 1}-clone" for n in range(size - 1)]
    return "\n".join(lines) + "\n"


def measure(argv: Sequence[str], cib: Path | None = None, rounds: int = ROUNDS) -> Cost:
    """Run a process some times; its best time counts, as the rest of the machine only adds to it."""
    best, most = float("inf"), 0.0
    environment = {**os.environ, **({"CIB_file": str(cib)} if cib else {})}
    for _ in range(rounds):
        begin = time.perf_counter()
        process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        best = min(best, time.perf_counter() - begin)
        most = max(most, usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{' '.join(argv)[:200]}: status {status}\n{said.decode()[-2000:]}")
    return Cost(best, most)


def table(size: int, folder: Path) -> list[tuple[str, Cost]]:
    """Return what each way costs at a size."""
    text, cib, made = folder / "c.cib.yaml", folder / "cib.xml", folder / "made.xml"
    text.write_text(document(size))
    pcs_os = [sys.executable, "-m", "pacemaker_os"]
    rows = [("pcs-os render", measure([*pcs_os, "render", str(text), "-o", str(made)]))]
    cib.write_text(f"{HEAD}{made.read_text()}<status/></cib>")
    rows.append(("pcs-os validate", measure([*pcs_os, "validate", str(text)])))
    rows.append(("pcs-os export", measure([*pcs_os, "export", "--cib-file", str(cib)])))
    if crm := shutil.which("crm"):
        rows.append(("crm configure show", measure([crm, "configure", "show"], cib, rounds=1)))
        if size <= 1000:
            rows.append(crm_load(crm, size, folder))
    if pcs := shutil.which("pcs"):
        scratch = folder / "pcs.xml"
        shutil.copy(cib, scratch)
        export = [pcs, "-f", str(scratch), "resource", "config", "--output-format=cmd"]
        rows.append(("pcs resource config --output-format=cmd", measure(export, rounds=1)))
        create = [pcs, "-f", str(scratch), "resource", "create", "one-more", "ocf:pacemaker:Dummy", "clone"]
        rows.append(("pcs resource create, once", measure(create, rounds=1)))
        order = [pcs, "-f", str(scratch), "constraint", "order", "r0-clone", "then", "one-more-clone"]
        rows.append(("pcs constraint order, once", measure(order, rounds=1)))
    return rows


def crm_load(crm: str, size: int, folder: Path) -> tuple[str, Cost]:
    """Return what `crm configure load update` costs on an empty CIB."""
    text, cib = folder / "c.crm", folder / "empty.xml"
    text.write_text(crm_text(size))
    # Without fencing devices crm asks back when fencing is on.
    off = '<nvpair id="p-f" name="stonith-enabled" value="false"/>'
    properties = f'<crm_config><cluster_property_set id="p">{off}</cluster_property_set></crm_config>'
    sections = f"<configuration>{properties}<nodes/><resources/><constraints/></configuration><status/>"
    cib.write_text(f"{HEAD}{sections}</cib>")
    return "crm configure load update", measure(
        [crm, "configure", "load", "update", str(text)], cib, rounds=1
    )


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 5000])
    sizes = parser.parse_args().sizes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for size in sizes:
        print(f"\n{size:,} clones and as many orders")
        with tempfile.TemporaryDirectory() as folder:
            for name, cost in table(size, Path(folder)):
                print(f"  {name:<42} {cost.seconds:7.2f} s  {cost.mebibytes:6.0f} MiB")


if __name__ == "__main__":
    main()
