"""How long plan and apply take as whole processes, beside other ways to write the same cluster.

Run: python benchmarks/plan.py [--clones 1000]

The clusters are the shipped openstack-kilo-pacemaker, and one of clones and orders of the size of the seed
that it was made after: 57 resources and 160 constraints. pcs-os runs as an installed program does, with its
compiled modules kept. The second is also written by pcs and crm, where they are installed; by pcs only on
request (--pcs), because it takes minutes.
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

SHIPPED = Path(__file__).parents[1] / "cib/openstack-kilo-pacemaker.cib.yaml"


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
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cib.parent / "modules")}
    done = subprocess.run(argv, env={**os.environ, **kept, "CIB_file": str(cib)}, capture_output=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stderr.decode()}")


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def measure(folder: Path, title: str, content: str) -> None:
    text, cib, filled = folder / "site.cib.yaml", folder / "cib.xml", folder / "filled.xml"
    text.write_text(content)
    on = ("--cib-file", str(cib))

    def planned() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("plan", *on, str(text)), cib, ok=(2,))

    def applied() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("apply", "--yes", *on, str(text)), cib)

    print(f"{title}; median of {ROUNDS} runs, whole processes")
    row("pcs-os plan", seconds(planned))
    row("pcs-os apply", seconds(applied))
    shutil.copy(cib, filled)
    row("pcs-os plan, nothing to do", seconds(lambda: call(pcs_os("plan", *on, str(text)), cib)))
    row("cibadmin --replace", seconds(lambda: replaced(cib, filled)), "no plan, no guard")
    simulated = ["crm_simulate", "--run", "--xml-file", str(filled)]
    row("crm_simulate --run", seconds(lambda: call(simulated, cib)), "the scheduler alone")


def measure_others(folder: Path, *, with_pcs: bool) -> None:
    """How long others take to write what was measured last."""
    text, cib = folder / "site.cib.yaml", folder / "cib.xml"
    if shutil.which("crm"):
        shown = ["crm", "configure", "show"]
        environment = {**os.environ, "CIB_file": str(folder / "filled.xml")}
        with (folder / "filled.crm").open("wb") as stream:
            subprocess.run(shown, env=environment, stdout=stream, stderr=subprocess.DEVNULL, check=True)
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
    """What crm wrote down itself, taken in again; -F because it refuses agents that this machine has not."""
    call(["sh", "-c", 'cibadmin --empty > "$CIB_file"'], cib)
    call(["crm", "-F", "configure", "load", "update", str(folder / "filled.crm")], cib)
    if "<primitive" not in cib.read_text():
        sys.exit("crm wrote nothing")


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
        measure(Path(folder), SHIPPED.name, SHIPPED.read_text())
        measure(Path(folder), "57 resources, 160 orders", document(57, 160))
        measure_others(Path(folder), with_pcs=options.pcs)
        if count := options.clones:
            measure(Path(folder), f"{count} resources, {count} orders", document(count, count))


if __name__ == "__main__":
    main()
