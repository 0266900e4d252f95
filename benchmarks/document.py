"""Measure time and memory of reading and writing documents in separate processes.

Run: python benchmarks/document.py [--sizes 1000 5000]

A size of 1000 means 1,000 clones, each with a parameter and a monitor, and as many orders. If crm and pcs are
installed, they read and write the same cluster in the same run. crm loads its own text. pcs cannot load one,
so it creates one resource and one order in a CIB of that size. It would need one call for each object.
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
    """The best wall time of a process, in seconds, and its peak memory, in MiB."""

    seconds: float
    mebibytes: float


def document(size: int) -> str:
    """Return a document with `size` clones and orders."""
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
    """Return the same configuration as text for crm."""
    lines = []
    for n in range(size):
        lines.append(f"primitive r{n} ocf:heartbeat:Dummy params state=/run/r{n} op monitor interval=30s")
        lines.append(f"clone r{n}-clone r{n} meta interleave=true")
    lines += [f"order o{n} Mandatory: r{n}-clone r{n + 1}-clone" for n in range(size - 1)]
    return "\n".join(lines) + "\n"


def measure(argv: Sequence[str], cib: Path | None = None, rounds: int = ROUNDS) -> Cost:
    """Run a process several times and return its best time, which other load on the machine affects least."""
    best, most = float("inf"), 0.0
    environment = {**os.environ, **({"CIB_file": str(cib)} if cib else {})}
    for _ in range(rounds):
        begin = time.perf_counter()
        process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        best = min(best, time.perf_counter() - begin)
        most = max(most, usage.ru_maxrss / 1024)
        if status:
            sys.exit(f"{' '.join(argv)[:200]}: status {status}\n{errors.decode()[-2000:]}")
    return Cost(best, most)


def table(size: int, directory: Path) -> list[tuple[str, Cost]]:
    """Return the cost of each tool at a size."""
    text, cib, made = directory / "c.cib.yaml", directory / "cib.xml", directory / "made.xml"
    text.write_text(document(size))
    pcs_os = [sys.executable, "-m", "pacemaker_os"]
    rows = [("pcs-os render", measure([*pcs_os, "render", str(text), "-o", str(made)]))]
    cib.write_text(f"{HEAD}{made.read_text()}<status/></cib>")
    rows.append(("pcs-os validate", measure([*pcs_os, "validate", str(text)])))
    rows.append(("pcs-os export", measure([*pcs_os, "export", "--cib-file", str(cib)])))
    if crm := shutil.which("crm"):
        rows.append(("crm configure show", measure([crm, "configure", "show"], cib, rounds=1)))
        if size <= 1000:
            rows.append(crm_load(crm, size, directory))
    if pcs := shutil.which("pcs"):
        scratch = directory / "pcs.xml"
        shutil.copy(cib, scratch)
        export = [pcs, "-f", str(scratch), "resource", "config", "--output-format=cmd"]
        rows.append(("pcs resource config --output-format=cmd", measure(export, rounds=1)))
        create = [pcs, "-f", str(scratch), "resource", "create", "one-more", "ocf:pacemaker:Dummy", "clone"]
        rows.append(("pcs resource create, once", measure(create, rounds=1)))
        order = [pcs, "-f", str(scratch), "constraint", "order", "r0-clone", "then", "one-more-clone"]
        rows.append(("pcs constraint order, once", measure(order, rounds=1)))
    return rows


def crm_load(crm: str, size: int, directory: Path) -> tuple[str, Cost]:
    """Return the cost of `crm configure load update` on an empty CIB."""
    text, cib = directory / "c.crm", directory / "empty.xml"
    text.write_text(crm_text(size))
    # crm prompts if fencing is enabled without a fencing device.
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
        with tempfile.TemporaryDirectory() as directory:
            for name, cost in table(size, Path(directory)):
                print(f"  {name:<42} {cost.seconds:7.2f} s  {cost.mebibytes:6.0f} MiB")


if __name__ == "__main__":
    main()
