"""What an agent costs and how fast it recovers. Each run adds one line to the results of its service.

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

#: Seconds of writing before something breaks.
WRITING = 5.0

#: How often a monitor is run.
TIMES = 30

#: Seconds until a service that has not come back is given up.
PATIENCE = 400.0

#: Seconds for which names are slow.
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
    """The document that makes the measured resource on this lab."""
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
    """From empty data folders and no resource to everything up, in seconds."""
    if lab.roles():
        apply(lab, "name: bench\nresources: {}\n")
        lab.wait("the resource gone", lambda: not lab.roles())
    for node in lab.nodes:
        for argv in SERVICES[name].empty:
            lab.node(node).run(argv, timeout=120)
    begin = time.monotonic()
    apply(lab, document(lab, name, agent))
    lab.wait("everything up", lambda: lab.up(SERVICES[name].promoted), PATIENCE)
    return {"seconds": round(time.monotonic() - begin, 1)}


def monitor(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """Milliseconds of a monitor, run as Pacemaker runs it, where the service is Promoted if anywhere."""
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
    """Seconds since `begin` when all is up again, and what was lost."""
    wrong: list[str] = []
    try:
        lab.wait("everything up", lambda: lab.up(SERVICES[name].promoted) and writers.answered(), PATIENCE)
        seconds = time.monotonic() - begin
        wrong = writers.judge() + list(forgotten(lab, name))
    except (TimeoutError, Failure) as error:  # it did not come back, or not the place that was written to
        seconds = time.monotonic() - begin
        wrong = [str(error)]
    return {"seconds": round(seconds, 1), "acknowledged": writers.acknowledged, "wrong": wrong}


def forgotten(lab: Lab, name: str) -> Iterator[str]:
    """What the service must know besides what was written, and does not; as sentences."""
    for argv, word in SERVICES[name].known:
        for node in lab.nodes:
            if word not in lab.node(node).run(argv, timeout=60).text:
                yield f"{node}: {' '.join(argv)} does not say {word}"


def power_loss(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """All nodes lose their power under writes; seconds count from when it is back."""
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        lab.fault("power-loss")
        writers.end()
        begin = time.monotonic()
        lab.fault("heal")
        return recovery(lab, name, writers, begin)


def node_killed(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """A node is switched off under writes (a Promoted one, if there is any), and the cluster left alone."""
    victim = lab.promoted_node()
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        begin = time.monotonic()
        lab.fault("kill", victim)
        lab.wait(f"{victim} gone", lambda: not lab.up(SERVICES[name].promoted), PATIENCE)
        found = recovery(lab, name, writers, begin)
        return found | {"outage": round(writers.outage(begin), 1)}


def slow_names(lab: Lab, name: str, agent: str) -> dict[str, Any]:
    """A node is switched off, and the others need 20 s to learn that they cannot find its name.

    `survivors` are the daemons of the others that ran through it all; `outage` is the longest time without
    a write through any of them.
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
    """The daemon dies on all nodes at once under writes, and the nodes stay; seconds count from then."""
    service = SERVICES[name]
    with Writers(lab, name) as writers:
        time.sleep(WRITING)
        begin = time.monotonic()
        lab.fault("stop-daemon", *lab.nodes, "--daemon", service.daemon)
        lab.wait("the loss noticed", lambda: not lab.up(service.promoted), PATIENCE)
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
    """Measure one thing, and keep the raw numbers."""
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
