"""Measure status as a whole process, in comparison with `pcs status`, `crm status` and `crm_mon`.

Run: python benchmarks/status.py [--container lab-controller01] [--watch 30]

Without --container, the commands read a CIB file with the simulated status of the shipped
openstack-kilo-pacemaker after its start, with more than 57 resources. With --container, they read the
cluster of that node: pcs and crm_mon run in the container, and pcs-os runs here and uses `docker exec`,
which is part of its time. --watch also measures the CPU usage of an idle `status --watch`, in percent of a
core, here and in the container. pcs-os uses compiled modules, like an installed program.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pacemaker_os.cluster.observe.watch_state import INTERVAL

ROUNDS = 7

SHIPPED = Path(__file__).parents[1] / "cib/openstack-kilo-pacemaker.cib.yaml"

#: pcs requires this file together with a CIB file.
COROSYNC = "totem {\n version: 2\n cluster_name: c\n transport: knet\n}\nnodelist {\n}\nquorum {\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--container", help="a node of a running cluster")
    parser.add_argument(
        "--watch", type=float, default=0.0, metavar="SECONDS", help="also measure a live view"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PYTHONPYCACHEPREFIX"] = f"{directory}/modules"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        lines = live(options.container) if options.container else on_a_file(Path(directory))
        load = os.getloadavg()[0]
        print(
            f"median and range of {ROUNDS} runs, whole processes; load {load:.1f} on {os.cpu_count()} cores"
        )
        for name, argv in lines.items():
            row(name, argv)
        if options.watch and options.container:
            watch(options.container, options.watch)


def on_a_file(directory: Path) -> dict[str, list[str]]:
    from pacemaker_os.cli.support.documents import read_documents
    from pacemaker_os.cluster.planning.predicted_cluster import predicted_cluster

    cib, corosync = directory / "cib.xml", directory / "corosync.conf"
    with predicted_cluster(read_documents([str(SHIPPED)], {})) as cluster:
        cib.write_bytes(Path(cluster.name).read_bytes())
    corosync.write_text(COROSYNC)
    os.environ |= {"CIB_file": str(cib)}
    print(f"{SHIPPED.name}, {cib.read_text().count('<primitive ')} resources, on a file")
    return {
        "pcs-os status": pcs_os("status", "--cib-file", str(cib)),
        "pcs-os status --json": pcs_os("status", "--json", "--cib-file", str(cib)),
        "pcs status": ["pcs", "-f", str(cib), "--corosync_conf", str(corosync), "status"],
        "crm status": ["crm", "status"],
        "crm_mon (no drift, no findings)": ["crm_mon", "--one-shot"],
    }


def live(container: str) -> dict[str, list[str]]:
    inside = ["docker", "exec", container]
    count = subprocess.run([*inside, "cibadmin", "--query"], capture_output=True, text=True, check=True)
    print(f"{container}, {count.stdout.count('<primitive ')} resources, live")
    return {
        "pcs-os status": pcs_os("status", "--container", container),
        "pcs-os status --json": pcs_os("status", "--json", "--container", container),
        "pcs status": [*inside, "pcs", "status"],
        "crm_mon (no drift, no findings)": [*inside, "crm_mon", "--one-shot"],
    }


def pcs_os(*words: str) -> list[str]:
    return [sys.executable, "-m", "pacemaker_os", *words]


def row(name: str, argv: Sequence[str]) -> None:
    """Print the wall time and the CPU time of a command."""
    if shutil.which(argv[0]) is None:
        print(f"  {name:<32} is not installed")
        return
    times, before = [], os.times()
    for _ in range(ROUNDS + 1):
        begin = time.perf_counter()
        done = subprocess.run(argv, capture_output=True)
        times.append(time.perf_counter() - begin)
        if done.returncode:
            print(f"  {name:<32} failed: {done.stderr.decode()[:200].strip()}")
            return
    # The first run reads from disk and compiles the modules.
    times, after = times[1:], os.times()
    used = (after.children_user + after.children_system - before.children_user - before.children_system) / (
        ROUNDS + 1
    )
    spread = f"{min(times):.2f} to {max(times):.2f}"
    print(f"  {name:<32}{statistics.median(times):6.2f} s   {spread:<14} {used:.2f} s CPU time here")


def watch(container: str, seconds: float) -> None:
    """Print the CPU usage of an idle live view after its first poll, over `seconds`."""
    line = pcs_os("status", "--watch", "--json", "--container", container)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as view:
        assert view.stdout
        view.stdout.readline()
        before, begin = cpu_time(view.pid), time.monotonic()
        time.sleep(seconds)
        here = 100 * (cpu_time(view.pid) - before) / (time.monotonic() - begin)
        view.send_signal(signal.SIGINT)
    there = 100 * cost_of_an_answer(container) / INTERVAL
    print(
        f"status --watch, idle for {seconds:g} s: {here:.2f} % of a core here, {there:.2f} % in the container"
    )


def cost_of_an_answer(container: str) -> float:
    """Return the CPU time of one query in the container, from the last line of `times`."""
    script = "for _ in $(seq 20); do cibadmin --query --xpath /cib --no-children >/dev/null; done; times"
    argv = ["docker", "exec", container, "sh", "-c", script]
    fields = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    parts = [word.rstrip("s").split("m") for word in fields[-2:]]
    return sum(60 * float(minutes) + float(rest) for minutes, rest in parts) / 20


def cpu_time(process: int) -> float:
    """Return the CPU time of a process and its children, in seconds."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if process in (int(stat.parent.name), int(fields[1])):
            total += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


if __name__ == "__main__":
    main()
