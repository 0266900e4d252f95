"""How long plan and apply take as whole processes, beside other ways to write the same cluster.

Run: python benchmarks/plan.py [--clones 1000]

The cluster has the size of the seed that this project began from: 57 resources and 160 constraints.
pcs and crm are measured where they are installed; pcs only on request (--pcs), because it takes minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROUNDS = 5


def document(resources: int, orders: int) -> str:
    """A document of clones, each after the one before it, and further orders between them."""
    lines = ["nodes:", "  n[1-3]: {role: controller}", "properties: {stonith-enabled: false}", "resources:"]
    for n in range(resources):
        lines += [
            f"  r{n}:",
            "    agent: ocf:pacemaker:Dummy",
            f"    params: {{fake: x{n}}}",
            "    monitor: 10s",
            "    clone: {interleave: true}",
        ]
    pairs = ((first, first + gap) for gap in range(1, resources) for first in range(resources - gap))
    lines += [
        "order:",
        *(f"  - r{first} then r{then}" for _, (first, then) in zip(range(orders), pairs, strict=False)),
    ]
    return "\n".join(lines) + "\n"


def seconds(run: Callable[[], None], rounds: int = ROUNDS) -> float:
    """The median time of a run."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def call(argv: Sequence[str], cib: Path, ok: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run(argv, env={**os.environ, "CIB_file": str(cib)}, capture_output=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stderr.decode()}")


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def measure(folder: Path, resources: int, orders: int, *, with_pcs: bool) -> None:
    text, cib, filled = folder / "site.cib.yaml", folder / "cib.xml", folder / "filled.xml"
    text.write_text(document(resources, orders))
    on = ("--cib-file", str(cib))

    def planned() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("plan", *on, str(text)), cib, ok=(2,))

    def applied() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("apply", "--yes", *on, str(text)), cib)

    print(f"{resources} resources, {orders} orders; median of {ROUNDS} runs, whole processes")
    row("pcs-os plan", seconds(planned))
    row("pcs-os apply", seconds(applied))
    shutil.copy(cib, filled)
    row("pcs-os plan, nothing to do", seconds(lambda: call(pcs_os("plan", *on, str(text)), cib)))
    row("cibadmin --replace", seconds(lambda: replaced(cib, filled)), "no plan, no guard")
    simulated = ["crm_simulate", "--run", "--xml-file", str(filled)]
    row("crm_simulate --run", seconds(lambda: call(simulated, cib)), "the scheduler alone")
    if shutil.which("crm"):
        row("crm configure load update", seconds(lambda: crm(cib, folder), 1), "no plan, no guard")
    if with_pcs and shutil.which("pcs"):
        commands = subprocess.run(
            pcs_os("plan", "--format", "pcs", "--cib-file", str(folder / "none.xml"), str(text)),
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        took = seconds(lambda: pcs(cib, commands), 1)
        row(f"{len(commands)} pcs commands", took, f"{took / len(commands):.2f} s each")


def row(name: str, took: float, remark: str = "") -> None:
    print(f"  {name:<28}{took:8.2f} s   {remark}".rstrip())


def replaced(cib: Path, filled: Path) -> None:
    call(["sh", "-c", 'cibadmin --empty > "$CIB_file"'], cib)
    call(["cibadmin", "--replace", "--scope", "configuration", "--xml-file", str(configuration(filled))], cib)


def configuration(filled: Path) -> Path:
    text = filled.read_text()
    begin, end = text.index("<configuration"), text.index("</configuration>")
    target = filled.with_suffix(".configuration.xml")
    target.write_text(text[begin:end] + "</configuration>")
    return target


def crm(cib: Path, folder: Path) -> None:
    call(["sh", "-c", 'cibadmin --empty > "$CIB_file"'], cib)
    call(["crm", "configure", "load", "xml", "update", str(configuration(folder / "filled.xml"))], cib)


def pcs(cib: Path, commands: Sequence[str]) -> None:
    call(["sh", "-c", 'cibadmin --empty > "$CIB_file"'], cib)
    for line in commands:
        program, *words = line.split()
        option = ["-f", str(cib), "--force"] if program == "pcs" else []
        call([program, *option, *words], cib, ok=(0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=int, help="also this many clones and as many orders")
    parser.add_argument("--pcs", action="store_true", help="also pcs, a command each: minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), 57, 160, with_pcs=options.pcs)
        if options.clones:
            measure(Path(folder), options.clones, options.clones, with_pcs=False)


if __name__ == "__main__":
    main()
