"""Measure the cost of an agent and its recovery times. Each run adds a line to the results of its service.

python3 -m benchmarks.agents.measure LAB SERVICE create|monitor|power-loss|node-killed|slow-names ours|shell
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from benchmarks.agents.names import slow_name
from benchmarks.agents.services import SERVICES, fill
from benchmarks.agents.settle import Lab, pcs_os
from benchmarks.agents.writers import Writers
from pacemaker_os.ocf.codes import Failure

RESULTS = Path(__file__).parent / "results"

#: Time of writes before a fault, in seconds.
WRITING = 5.0

#: Number of monitor runs.
TIMES = 30

#: Timeout of a recovery, in seconds.
TIMEOUT = 400.0

#: Duration of slow name resolution, in seconds.
SLOWNESS = 60.0

#: Runs on a node: `agent`, `times`, and OCF_RESKEY_ variables; prints wall and CPU milliseconds of each run.
MEASURE = """
import json, os, resource, subprocess, sys, time
agent, times, environ = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
environ = dict(os.environ) | environ
runs = []
for _ in range(times):
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    code = subprocess.run([agent, "monitor"], env=environ, capture_output=True).returncode
    wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    runs.append({"code": code, "wall": round(wall * 1000, 2), "cpu": round(cpu * 1000, 2)})
print(json.dumps(runs))
"""


def document(lab: Lab, name: str, agent: str) -> str:
    """Return the document with the measured resource for this lab."""
    text = SERVICES[name].documents[agent]
    return fill(text, nodes_commas=",".join(lab.nodes), count=len(lab.nodes))


def apply(lab: Lab, text: str) -> None:
    """Apply a document through the first node."""
    container = f"{lab.name}-{lab.nodes[0]}"
    with tempfile.NamedTemporaryFile("w", suffix=".cib.yaml") as file:
        file.write(text)
        file.flush()
        options = ("--yes", "--no-wait", "--allow", "restart,move,stop")
        pcs_os("apply", "--container", container, *options, file.name)


def create(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Measure the time from empty data directories without a resource until all instances run."""
    if lab.roles():
        apply(lab, "name: bench\nresources: {}\n")
        lab.wait("the resource gone", lambda: not lab.roles())
    for node in lab.nodes:
        for argv in SERVICES[name].empty:
            lab.node(node).run(argv, timeout=120)
    begin = time.monotonic()
    apply(lab, document(lab, name, agent))
    lab.wait("everything up", lambda: lab.up(SERVICES[name].promoted), TIMEOUT)
    return {"seconds": round(time.monotonic() - begin, 1)}


def monitor(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Measure a monitor as Pacemaker runs it, in milliseconds, on a promoted node if there is one."""
    resource = yaml.safe_load(document(lab, name, agent))["resources"]["service"]
    _, provider, kind = resource["agent"].split(":")
    node = lab.promoted_node()
    environ = {
        "OCF_ROOT": "/usr/lib/ocf",
        "OCF_RESOURCE_INSTANCE": "service",
        "OCF_RESKEY_CRM_meta_interval": "10000",
        "OCF_RESKEY_CRM_meta_timeout": "60000",
        "OCF_RESKEY_CRM_meta_on_node": node,
    } | {f"OCF_RESKEY_{key}": str(value) for key, value in resource.get("params", {}).items()}
    program = f"/usr/lib/ocf/resource.d/{provider}/{kind}"
    argv = ["python3", "-c", MEASURE, program, str(TIMES), json.dumps(environ)]
    runs: list[dict[str, float]] = json.loads(lab.node(node).run(argv, timeout=900).text)
    medians = {what: round(median(run[what] for run in runs), 1) for what in ("wall", "cpu")}
    return medians | {"codes": sorted({int(run["code"]) for run in runs}), "runs": runs}


def recovery(lab: Lab, name: str, writers: Writers, begin: float) -> dict[str, Any]:
    """Return the time from `begin` until all instances run, and the lost writes."""
    wrong: list[str] = []
    try:
        lab.wait("everything up", lambda: lab.up(SERVICES[name].promoted) and writers.answered(), TIMEOUT)
        seconds = time.monotonic() - begin
        wrong = writers.problems() + list(forgotten(lab, name))
    except (TimeoutError, Failure) as error:  # the service or its data did not recover
        seconds = time.monotonic() - begin
        wrong = [str(error)]
    return {"seconds": round(seconds, 1), "acknowledged": writers.acknowledged, "wrong": wrong}


def forgotten(lab: Lab, name: str) -> Iterator[str]:
    """Return the problems of data that the service must have besides the writes, as sentences."""
    for argv, word in SERVICES[name].known:
        for node in lab.nodes:
            if word not in lab.node(node).run(argv, timeout=60).text:
                yield f"{node}: {' '.join(argv)} does not say {word}"


def power_loss(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Cut the power of all nodes during writes; measure from the return of power."""
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        lab.fault("power-loss")
        writers.end()
        begin = time.monotonic()
        lab.fault("heal")
        return recovery(lab, name, writers, begin)


def node_killed(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Switch off a node during writes (a promoted node, if any) without further intervention."""
    victim = lab.promoted_node()
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        begin = time.monotonic()
        lab.fault("kill", victim)
        lab.wait(f"{victim} gone", lambda: not lab.up(SERVICES[name].promoted), TIMEOUT)
        found = recovery(lab, name, writers, begin)
        return found | {"outage": round(writers.outage(begin), 1)}


def slow_names(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Switch off a node, while lookups of its name fail only after 20 s on the other nodes.

    `survivors` is the number of daemons on these nodes that did not restart. `outage` is the longest time
    without an acknowledged write.
    """
    service, victim = SERVICES[name], lab.nodes[-1]
    others = [node for node in lab.nodes if node != victim]

    def daemons() -> set[str]:
        found = {node: lab.node(node).run(["pgrep", "-x", service.daemon], ok=(0, 1)).text for node in others}
        return {f"{node} {pid}" for node, pids in found.items() for pid in pids.split()}

    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        before, begin = daemons(), time.monotonic()
        with slow_name(lab, victim, others):
            lab.fault("kill", victim)
            time.sleep(SLOWNESS)
        outage, survivors = writers.outage(begin), before & daemons()
        found = recovery(lab, name, writers, begin)
    return found | {"outage": round(outage, 1), "survivors": len(survivors), "of": len(before)}


def daemons_killed(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Kill the daemon on all nodes at the same time during writes; measure from the kill."""
    service = SERVICES[name]
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        begin = time.monotonic()
        lab.fault("stop-daemon", *lab.nodes, "--daemon", service.daemon)
        lab.wait("failure detected", lambda: not lab.up(service.promoted), TIMEOUT)
        found = recovery(lab, name, writers, begin)
        return found | {"outage": round(writers.outage(begin), 1)}


MEASURES: dict[str, Callable[[Lab, str, str], dict[str, Any]]] = {
    "create": create,
    "monitor": monitor,
    "power-loss": power_loss,
    "node-killed": node_killed,
    "daemons-killed": daemons_killed,
    "slow-names": slow_names,
}


def main() -> None:
    """Run a measurement and store the raw numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("agent", choices=["ours", "shell"])
    options = parser.parse_args()
    lab = Lab(options.lab)
    RESULTS.mkdir(exist_ok=True)
    about = {"release": lab.release, "measure": options.measure, "agent": options.agent}
    about["load"] = round(os.getloadavg()[0], 1)
    found = MEASURES[options.measure](lab, options.service, options.agent)
    with (RESULTS / f"{options.service}.jsonl").open("a") as file:
        file.write(json.dumps(about | found) + "\n")
    print(json.dumps(about | {key: value for key, value in found.items() if key != "runs"}))


if __name__ == "__main__":
    main()
