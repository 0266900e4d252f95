"""How far compute nodes go on paper: a document of N of them, planned, proved, and simulated.

Run: python benchmarks/scale.py [--nodes 200] [--survive]

The document is cib/compute-nodes.cib.yaml with the three entries of a compute node repeated for each, and
nova-compute-fs as a fifth resource on each. pcs-os runs as a whole process on a CIB file; the transitions
are those of Pacemaker's own scheduler (crm_simulate). Nothing is started anywhere.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from lxml import etree

SHIPPED = Path(__file__).parents[1] / "cib/compute-nodes.cib.yaml"

#: The mounted instances of seed deployments, which makes five resources on each compute node.
MOUNT = """\
  nova-compute-fs:
    agent: ocf:heartbeat:Filesystem
    params: {device: "172.16.181.1:/instances", directory: /var/lib/nova/instances, fstype: nfs}
    operations: {monitor: {interval: 20s, timeout: 40s}, start: {timeout: 240s}}
    clone: {interleave: true}
"""


def document(count: int) -> str:
    """The shipped document with `count` compute nodes."""
    names = [f"compute{n:03}" for n in range(1, count + 1)]
    text = SHIPPED.read_text()
    text = text.replace("compute0[1-3]:", f"compute[001-{count:03}]:")
    text = text.replace("compute01 compute02 compute03", " ".join(names))
    text = text.replace("[compute01, compute02, compute03, nova", f"[{', '.join(names)}, nova")
    # The second and third of each kind of entry go; the first is repeated.
    text = re.sub(r"  power-compute0[23]:\n.*\n.*\n", "", text)
    text = re.sub(r"  compute0[23]: .*\n", "", text)
    powers = [
        f"  power-{name}:\n    <<: *power\n    params: {{ip: 172.16.{182 + n // 250}.{n % 250 + 1}, "
        f"username: admin, password: !secret ipmi, lanplus: true, pcmk_host_list: {name}}}\n"
        for n, name in enumerate(names)
    ]
    text = re.sub(r"  power-compute01:\n.*\n.*\n", lambda _: "".join(powers), text)
    remotes = [f"  {name}: *remote\n" for name in names[1:]]
    text = re.sub(
        r"  compute01: (&remote .*\n)", lambda match: f"  {names[0]}: {match[1]}{''.join(remotes)}", text
    )
    levels = [f"  {name}: [[power-{name}, fence-nova]]\n" for name in names]
    text = re.sub(
        r"  compute01: \[\[power.*\n(  compute0[23]: \[\[power.*\n)+", lambda _: "".join(levels), text
    )
    chain = "ceilometer-compute, nova-compute]"
    text = text.replace(chain, "ceilometer-compute, nova-compute-fs, nova-compute]")
    return text.replace("  nova-compute:\n", f"{MOUNT}  nova-compute:\n", 1)


def row(name: str, value: str, remark: str = "") -> None:
    print(f"  {name:<44}{value:>12}   {remark}".rstrip(), flush=True)


def timed(call: Callable[[], subprocess.CompletedProcess[str]]) -> tuple[float, str]:
    """Seconds of processor time, which other work on the machine does not lengthen, and what was printed."""
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = call()
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime, done.stdout


def run(argv: list[str], *, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    kept = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PCS_OS_SECRET_IPMI": "x"}
    done = subprocess.run(argv, env=kept, capture_output=True, text=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def simulate(path: Path, *words: str) -> tuple[float, str]:
    return timed(lambda: run(["crm_simulate", "--simulate", "--xml-file", str(path), *words]))


def began(cib: Path, target: Path) -> None:
    """The CIB as a cluster has it whose three controllers have just come together."""
    root = etree.parse(cib).getroot()
    root.set("have-quorum", "1")
    status = root.find("status")
    assert status is not None
    for name in ("controller01", "controller02", "controller03"):
        here = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
        state = etree.SubElement(status, "node_state", {"id": name, "uname": name, **here})
        etree.SubElement(etree.SubElement(state, "lrm", {"id": name}), "lrm_resources")
    target.write_bytes(etree.tostring(root))


def actions(printed: str) -> int:
    return len(re.findall(r"^  \* (?:Resource action|Fencing|Pseudo action)", printed, re.MULTILINE))


def measure(count: int, folder: Path, *, survive: bool) -> None:
    text, cib = folder / "site.cib.yaml", folder / "cib.xml"
    text.write_text(document(count))
    on = ("--cib-file", str(cib), str(text))
    print(f"{count} compute nodes with 5 resources each, on paper; seconds of processor time")
    took, _ = timed(lambda: run(pcs_os("plan", *on), ok=(2,)))
    row("pcs-os plan, everything new", f"{took:.1f} s")
    took, _ = timed(lambda: run(pcs_os("apply", "--yes", *on)))
    row("pcs-os apply, everything new", f"{took:.1f} s")
    took, _ = timed(lambda: run(pcs_os("plan", *on)))
    row("pcs-os plan, nothing to do", f"{took:.1f} s")
    row("CIB, configuration", f"{cib.stat().st_size / 1024:.0f} KiB", "as the file on disk")
    first, running = folder / "first.xml", folder / "running.xml"
    began(cib, first)
    took, printed = simulate(first, "--save-output", str(running))
    row("scheduler and simulation, first start", f"{took:.1f} s", f"{actions(printed)} actions")
    row("CIB, everything running", f"{running.stat().st_size / 1024:.0f} KiB", "with the status of each")
    took, printed = simulate(running)
    row("scheduler, nothing to do", f"{took:.2f} s", f"{actions(printed)} actions")
    where = re.search(r"\* compute001\t.* Started (\S+)", printed)
    assert where
    lost = f"compute001_monitor_20000@{where[1]}=1"
    took, printed = simulate(running, "--op-inject", lost)
    assert "Fencing compute001" in printed
    row("scheduler and simulation, a compute node dies", f"{took:.2f} s", f"{actions(printed)} actions")
    took, printed = simulate(running, "--node-fail", "controller01")
    row("scheduler and simulation, a controller dies", f"{took:.2f} s", f"{actions(printed)} actions")
    if survive:
        took, printed = timed(lambda: run(pcs_os("check", "--survive", "1", *on), ok=(0, 5)))
        row(
            "pcs-os check --survive 1",
            f"{took:.0f} s",
            f"{count + 3} losses; {printed.strip().splitlines()[-1]}",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--survive", action="store_true", help="also the proof: minutes")
    parser.add_argument("--print", action="store_true", help="print the document and do nothing else")
    options = parser.parse_args()
    if options.print:
        print(document(options.nodes), end="")
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(options.nodes, Path(folder), survive=options.survive)


if __name__ == "__main__":
    main()
