"""Measure plan and apply as whole processes, in comparison with other tools for the same cluster.

Run: python benchmarks/plan.py [--clones 1000] [--pcs]

The clusters are the shipped openstack-kilo-pacemaker, and a cluster of clones and orders of the same size:
57 resources and 160 constraints. pcs-os uses compiled modules, like an installed program. If crm is
installed, it writes the second cluster too. With --pcs, so does pcs, with 217 commands in several minutes.
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
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

ROUNDS = 5

SHIPPED = Path(__file__).parents[1] / "cib/openstack-kilo-pacemaker.cib.yaml"

#: Runs pcs-os and prints its own CPU time, without that of its child processes.
OWN_TIME = """
import resource, sys
from pacemaker_os.cli.main import main
try:
    main(sys.argv[1:])
finally:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(usage.ru_utime + usage.ru_stime, file=sys.stderr)
"""


def orders(resources: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield pairs of resources: neighbors first, then pairs at greater distances."""
    pairs = ((first, first + gap) for gap in range(1, resources) for first in range(resources - gap))
    return islice(pairs, count)


def document(resources: int, count: int) -> str:
    """Return a document of clones with orders between them."""
    lines = ["nodes:", "  n[1-3]: {role: controller}", "properties: {stonith-enabled: false}", "resources:"]
    for n in range(resources):
        lines += [
            f"  r{n}:",
            "    agent: ocf:pacemaker:Dummy",
            f"    params: {{fake: x{n}}}",
            "    monitor: 10s",
            "    clone: {interleave: true}",
        ]
    lines += ["order:", *(f"  - r{first} then r{then}" for first, then in orders(resources, count))]
    return "\n".join(lines) + "\n"


def pcs_commands(resources: int, count: int) -> Iterator[list[str]]:
    """Yield the commands of pcs 0.11 for the same cluster, one for each resource and constraint."""
    for n in range(resources):
        create = ["resource", "create", f"r{n}", "ocf:pacemaker:Dummy", f"fake=x{n}"]
        yield [*create, "op", "monitor", "interval=10s", "clone", f"r{n}-clone", "interleave=true"]
    for first, then in orders(resources, count):
        yield ["constraint", "order", f"r{first}-clone", "then", f"r{then}-clone"]


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of the runs."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def call(argv: Sequence[str], cib: Path, ok: tuple[int, ...] = (0,)) -> str:
    """Run a program on a CIB file; return its error output."""
    modules = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cib.parent / "modules")}
    done = subprocess.run(argv, env={**os.environ, **modules, "CIB_file": str(cib)}, capture_output=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stderr.decode()}")
    return done.stderr.decode()


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def row(name: str, took: float, remark: str = "") -> None:
    print(f"  {name:<30}{took:8.2f} s   {remark}".rstrip(), flush=True)


def measure(directory: Path, title: str, content: str) -> None:
    """Measure plan and apply on an empty CIB file, and their parts."""
    text, cib, filled = directory / "site.cib.yaml", directory / "cib.xml", directory / "filled.xml"
    text.write_text(content)
    on = ("--cib-file", str(cib))

    def planned() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("plan", *on, str(text)), cib, ok=(2,))

    def applied() -> None:
        cib.unlink(missing_ok=True)
        call(pcs_os("apply", "--yes", *on, str(text)), cib)

    print(f"{title}; median of {ROUNDS} runs, whole processes")
    # The first run compiles the modules.
    planned()
    row("pcs-os plan", seconds(planned), "two simulations included")
    cib.unlink(missing_ok=True)
    alone = [sys.executable, "-c", OWN_TIME, "plan", *on, str(text)]
    own = statistics.median(float(call(alone, cib, ok=(2,)).split()[-1]) for _ in range(ROUNDS))
    row("  of that pcs-os itself", own, "CPU time, without the scheduler")
    row("pcs-os apply", seconds(applied), "the same, plus push, verification and history")
    shutil.copy(cib, filled)
    row("pcs-os plan, nothing to do", seconds(lambda: call(pcs_os("plan", *on, str(text)), cib)))
    row("cibadmin --replace", seconds(lambda: replaced(cib, filled)), "no plan, no conflict detection")
    simulated = ["crm_simulate", "--run", "--xml-file", str(filled)]
    row("crm_simulate --run", seconds(lambda: call(simulated, cib)), "the scheduler alone, once")


def measure_others(directory: Path, resources: int, count: int, *, with_pcs: bool) -> None:
    """Measure the time that other tools take for the same cluster."""
    cib = directory / "cib.xml"
    if shutil.which("crm"):
        shown = ["crm", "configure", "show"]
        environment = {**os.environ, "CIB_file": str(directory / "filled.xml")}
        with (directory / "filled.crm").open("wb") as stream:
            subprocess.run(shown, env=environment, stdout=stream, stderr=subprocess.DEVNULL, check=True)
        took = seconds(lambda: crm(cib, directory / "filled.crm"), 1)
        row(
            "crm configure load update",
            written(cib, resources, count, took),
            "no plan, no conflict detection",
        )
    if with_pcs and shutil.which("pcs"):
        commands = list(pcs_commands(resources, count))
        took = seconds(lambda: pcs(cib, commands), 1)
        each = f"{took / len(commands):.2f} s each"
        row(
            f"{len(commands)} pcs commands",
            written(cib, resources, count, took),
            f"no plan, no conflict detection; {each}",
        )


def written(cib: Path, resources: int, count: int, took: float) -> float:
    """Return the time, after checking the number of written objects."""
    text = cib.read_text()
    found = text.count("<primitive "), text.count("<rsc_order ")
    if found != (resources, count):
        sys.exit(f"{found} resources and orders were written, not {(resources, count)}")
    return took


def empty(cib: Path) -> None:
    call(["sh", "-c", 'cibadmin --empty > "$CIB_file"'], cib)


def replaced(cib: Path, filled: Path) -> None:
    empty(cib)
    call(["cibadmin", "--replace", "--scope", "configuration", "--xml-file", str(configuration(filled))], cib)


def configuration(filled: Path) -> Path:
    text = filled.read_text()
    begin, end = text.index("<configuration"), text.index("</configuration>")
    target = filled.with_suffix(".configuration.xml")
    target.write_text(text[begin:end] + "</configuration>")
    return target


def crm(cib: Path, shown: Path) -> None:
    """Load the output of crm. -F is required because crm rejects agents that are not installed."""
    empty(cib)
    call(["crm", "-F", "configure", "load", "update", str(shown)], cib)


def pcs(cib: Path, commands: Sequence[Sequence[str]]) -> None:
    empty(cib)
    for words in commands:
        call(["pcs", "-f", str(cib), *words], cib)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clones", type=int, help="also this many clones and as many orders")
    parser.add_argument("--pcs", action="store_true", help="also pcs, a command each: minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        measure(Path(directory), SHIPPED.name, SHIPPED.read_text())
        measure(Path(directory), "57 resources, 160 orders", document(57, 160))
        measure_others(Path(directory), 57, 160, with_pcs=options.pcs)
        if count := options.clones:
            measure(Path(directory), f"{count} resources, {count} orders", document(count, count))


if __name__ == "__main__":
    main()
