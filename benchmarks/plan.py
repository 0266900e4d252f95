"""How long plan and apply take as whole processes, beside other ways to write the same cluster.

Run: python benchmarks/plan.py [--clones 1000] [--pcs]

The clusters are the shipped openstack-kilo-pacemaker, and one of clones and orders of the size of the seed
that it was made after: 57 resources and 160 constraints. pcs-os runs as an installed program does, with its
compiled modules kept. The second is also written by crm, where it is installed, and on request by pcs
(--pcs): 217 commands, which takes minutes.
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

#: Runs pcs-os, and says what processor time it took itself, without the programs that it called.
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
    """Pairs of resources: each and the next, then each and the one after that, and so on."""
    pairs = ((first, first + gap) for gap in range(1, resources) for first in range(resources - gap))
    return islice(pairs, count)


def document(resources: int, count: int) -> str:
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
    lines += ["order:", *(f"  - r{first} then r{then}" for first, then in orders(resources, count))]
    return "\n".join(lines) + "\n"


def pcs_commands(resources: int, count: int) -> Iterator[list[str]]:
    """The same in the words of pcs 0.11, a command for each resource and each constraint."""
    for n in range(resources):
        create = ["resource", "create", f"r{n}", "ocf:pacemaker:Dummy", f"fake=x{n}"]
        yield [*create, "op", "monitor", "interval=10s", "clone", f"r{n}-clone", "interleave=true"]
    for first, then in orders(resources, count):
        yield ["constraint", "order", f"r{first}-clone", "then", f"r{then}-clone"]


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of a run."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def call(argv: Sequence[str], cib: Path, ok: tuple[int, ...] = (0,)) -> str:
    """Run a program on a CIB file; return what it said to standard error."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cib.parent / "modules")}
    done = subprocess.run(argv, env={**os.environ, **kept, "CIB_file": str(cib)}, capture_output=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stderr.decode()}")
    return done.stderr.decode()


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def row(name: str, took: float, remark: str = "") -> None:
    print(f"  {name:<30}{took:8.2f} s   {remark}".rstrip(), flush=True)


def measure(folder: Path, title: str, content: str) -> None:
    """Plan and apply on an empty CIB file, and the parts that this has."""
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
    # The first run compiles the modules.
    planned()
    row("pcs-os plan", seconds(planned), "two simulations included")
    cib.unlink(missing_ok=True)
    alone = [sys.executable, "-c", OWN_TIME, "plan", *on, str(text)]
    own = statistics.median(float(call(alone, cib, ok=(2,)).split()[-1]) for _ in range(ROUNDS))
    row("  of that pcs-os itself", own, "processor time, without the scheduler")
    row("pcs-os apply", seconds(applied), "the same, written, read back and remembered")
    shutil.copy(cib, filled)
    row("pcs-os plan, nothing to do", seconds(lambda: call(pcs_os("plan", *on, str(text)), cib)))
    row("cibadmin --replace", seconds(lambda: replaced(cib, filled)), "no plan, no guard")
    simulated = ["crm_simulate", "--run", "--xml-file", str(filled)]
    row("crm_simulate --run", seconds(lambda: call(simulated, cib)), "the scheduler alone, once")


def measure_others(folder: Path, resources: int, count: int, *, with_pcs: bool) -> None:
    """How long others take to write what was measured last."""
    cib = folder / "cib.xml"
    if shutil.which("crm"):
        shown = ["crm", "configure", "show"]
        environment = {**os.environ, "CIB_file": str(folder / "filled.xml")}
        with (folder / "filled.crm").open("wb") as stream:
            subprocess.run(shown, env=environment, stdout=stream, stderr=subprocess.DEVNULL, check=True)
        took = seconds(lambda: crm(cib, folder / "filled.crm"), 1)
        row("crm configure load update", written(cib, resources, count, took), "no plan, no guard")
    if with_pcs and shutil.which("pcs"):
        commands = list(pcs_commands(resources, count))
        took = seconds(lambda: pcs(cib, commands), 1)
        each = f"{took / len(commands):.2f} s each"
        row(
            f"{len(commands)} pcs commands",
            written(cib, resources, count, took),
            f"no plan, no guard; {each}",
        )


def written(cib: Path, resources: int, count: int, took: float) -> float:
    """The time, if that much really was written."""
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
    """What crm wrote down itself, taken in again; -F because it refuses agents that this machine has not."""
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
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), SHIPPED.name, SHIPPED.read_text())
        measure(Path(folder), "57 resources, 160 orders", document(57, 160))
        measure_others(Path(folder), 57, 160, with_pcs=options.pcs)
        if count := options.clones:
            measure(Path(folder), f"{count} resources, {count} orders", document(count, count))


if __name__ == "__main__":
    main()
