"""Measure planning, checking and simulation of a document with many compute nodes.

Run: python benchmarks/scale.py [--nodes 200]

The document is cib/compute-nodes.cib.yaml with N compute nodes, and with nova-compute-fs as a fifth
resource on each of them. pcs-os runs as a whole process on a CIB file. The transitions are those of
Pacemaker's scheduler (crm_simulate). No resource is started.
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

#: The NFS mount of instances, the fifth resource on each compute node.
MOUNT = """\
  nova-compute-fs:
    agent: ocf:heartbeat:Filesystem
    params: {device: "172.16.181.1:/instances", directory: /var/lib/nova/instances, fstype: nfs}
    operations: {monitor: {interval: 20s, timeout: 40s}, start: {timeout: 240s}}
    clone: {interleave: true}
"""


def document(count: int) -> str:
    """Return the shipped document with `count` compute nodes."""
    names = [f"compute{n:03}" for n in range(1, count + 1)]
    text = SHIPPED.read_text()
    text = text.replace("compute0[1-3]:", f"compute[001-{count:03}]:")
    text = text.replace("[compute01, compute02, compute03, nova", f"[{', '.join(names)}, nova")
    # Remove the second and third entry of each kind, and repeat the first one.
    text = re.sub(r"  power-compute0[23]:\n.*\n.*\n", "", text)
    text = re.sub(r"  compute0[23]: .*\n", "", text)
    # All devices have the same parameters, so the status of one device is valid for the others.
    device = "{ip: 172.16.182.21, username: admin, password: !secret ipmi, lanplus: true}"
    powers = [f"  power-{name}:\n    <<: *power\n    params: {device}\n" for name in names]
    text = re.sub(r"params: \{pcmk_host_list: .*\}", "params: {pcmk_host_check: dynamic-list}", text)
    text = re.sub(r"  power-compute01:\n.*\n.*\n", lambda _: "".join(powers), text)
    remotes = [f"  {name}: *remote\n" for name in names[1:]]
    text = re.sub(
        r"  compute01: (&remote .*\n)", lambda match: f"  {names[0]}: {match[1]}{''.join(remotes)}", text
    )
    levels = [f"  {name}: [[power-{name}, fence-nova]]\n" for name in names]
    text = re.sub(r"  compute01: \[\[power.*\n", lambda _: "".join(levels), text)
    chain = "ceilometer-compute, nova-compute]"
    text = text.replace(chain, "ceilometer-compute, nova-compute-fs, nova-compute]")
    return text.replace("  nova-compute:\n", f"{MOUNT}  nova-compute:\n", 1)


def row(name: str, value: str, remark: str = "") -> None:
    print(f"  {name:<44}{value:>12}   {remark}".rstrip(), flush=True)


def timed(call: Callable[[], subprocess.CompletedProcess[str]]) -> tuple[float, str]:
    """Return the CPU time in seconds, which does not depend on other load, and the output."""
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = call()
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime, done.stdout


def run(argv: list[str], *, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PCS_OS_SECRET_IPMI": "x"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(argv)[:200]}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def schedule(path: Path, *words: str) -> tuple[float, str]:
    """Run the scheduler on a CIB; with --simulate, it also computes the resulting status."""
    return timed(lambda: run(["crm_simulate", *words, "--xml-file", str(path)]))


def began(cib: Path, target: Path) -> None:
    """Write the CIB of a cluster whose three controllers have just joined."""
    root = etree.parse(cib).getroot()
    root.set("have-quorum", "1")
    status = root.find("status")
    assert status is not None
    for name in ("controller01", "controller02", "controller03"):
        here = {"in_ccm": "true", "crmd": "online", "join": "member", "expected": "member"}
        state = etree.SubElement(status, "node_state", {"id": name, "uname": name, **here})
        etree.SubElement(etree.SubElement(state, "lrm", {"id": name}), "lrm_resources")
    target.write_bytes(etree.tostring(root))


def running(small: Path, count: int, cib: Path, target: Path) -> None:
    """Write the CIB of a cluster with all resources running, from the simulated status of a small cluster.

    crm_simulate would take longer than a real cluster to start hundreds of nodes step by step.
    """
    root = etree.parse(cib).getroot()
    root.set("have-quorum", "1")
    model = etree.parse(small).getroot().find("status")
    status = root.find("status")
    assert model is not None
    assert status is not None
    for state in list(model):
        if state.get("id") == "compute001":
            status.extend(renamed(state, n) for n in range(1, count + 1))
        elif not str(state.get("id")).startswith("compute"):
            for each in state.findall("lrm/lrm_resources/lrm_resource"):
                place, name = each.getparent(), str(each.get("id"))
                if place is not None and name.removeprefix("power-") == "compute001":
                    place.extend(renamed(each, n) for n in range(2, count + 1))
                elif place is not None and name.removeprefix("power-").startswith("compute0"):
                    place.remove(each)
            status.append(state)
    target.write_bytes(etree.tostring(root))


def renamed(element: etree._Element, number: int) -> etree._Element:
    text = etree.tostring(element).replace(b"compute001", f"compute{number:03}".encode())
    return etree.fromstring(text)


def small_cluster(directory: Path) -> Path:
    """Return the CIB of a cluster of six compute nodes after a simulated start."""
    text, cib, first, left = (
        directory / name for name in ("small.cib.yaml", "small.xml", "first.xml", "left.xml")
    )
    text.write_text(document(6))
    run(pcs_os("apply", "--yes", "--cib-file", str(cib), str(text)))
    began(cib, first)
    schedule(first, "--simulate", "--save-output", str(left))
    return left


def actions(printed: str) -> int:
    return len(re.findall(r"^  \* (?:Resource action|Fencing|Pseudo action)", printed, re.MULTILINE))


def starts(printed: str) -> int:
    return len(re.findall(r"^  \* Start ", printed, re.MULTILINE))


def measure(count: int, directory: Path) -> None:
    text, cib, now = directory / "site.cib.yaml", directory / "cib.xml", directory / "running.xml"
    small = small_cluster(directory)
    text.write_text(document(count))
    on = ("--cib-file", str(cib), str(text))
    print(f"{count} compute nodes with 5 resources each, simulated; CPU time in seconds")
    took, _ = timed(lambda: run(pcs_os("plan", *on), ok=(2,)))
    row("pcs-os plan, everything new", f"{took:.1f} s")
    took, _ = timed(lambda: run(pcs_os("apply", "--yes", *on)))
    row("pcs-os apply, everything new", f"{took:.1f} s")
    took, _ = timed(lambda: run(pcs_os("plan", *on)))
    row("pcs-os plan, nothing to do", f"{took:.1f} s")
    took, printed = timed(lambda: run(pcs_os("check", *on)))
    row("pcs-os check, failure of any single node", f"{took:.1f} s", printed.splitlines()[-1])
    row("CIB, configuration", f"{cib.stat().st_size / 1024:.0f} KiB", "as the file on disk")
    running(small, count, cib, now)
    row("CIB, everything running", f"{now.stat().st_size / 1024:.0f} KiB", "with the status of each")
    began(cib, directory / "first.xml")
    took, printed = schedule(directory / "first.xml", "--run")
    row("scheduler, first start", f"{took:.2f} s", f"{starts(printed)} resources to start")
    took, printed = schedule(now, "--simulate")
    row("scheduler, nothing to do", f"{took:.2f} s", f"{actions(printed)} actions")
    where = re.search(r"\* compute001\t.* Started (\S+)", printed)
    assert where
    took, printed = schedule(now, "--simulate", "--op-inject", f"compute001_monitor_20000@{where[1]}=1")
    assert "Fencing compute001" in printed
    row("scheduler and simulation, a compute node fails", f"{took:.2f} s", f"{actions(printed)} actions")
    took, printed = schedule(now, "--simulate", "--node-fail", "controller01")
    row("scheduler and simulation, a controller fails", f"{took:.2f} s", f"{actions(printed)} actions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--print", action="store_true", help="print the document and do nothing else")
    options = parser.parse_args()
    if options.print:
        print(document(options.nodes), end="")
        return
    with tempfile.TemporaryDirectory() as directory:
        measure(options.nodes, Path(directory))


if __name__ == "__main__":
    main()
