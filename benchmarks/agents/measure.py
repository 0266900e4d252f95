"""What the agents cost and how fast they recover, ours beside the shell agent, in one run.

python3 -m benchmarks.agents.measure LAB SERVICE [--only ours|shell] [--times 25]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.agents.clients import CLIENTS
from benchmarks.agents.services import SERVICES, fill
from benchmarks.agents.settle import Lab, pcs_os

RESULTS = Path(__file__).parents[1] / "results"

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
    runs.append({"code": code, "wall": wall * 1000, "cpu": cpu * 1000})
print(json.dumps({"load": os.getloadavg()[0], "runs": runs}))
"""


def apply(lab: Lab, text: str) -> None:
    """Apply a document through the first node."""
    path = RESULTS / "bench.cib.yaml"
    RESULTS.mkdir(exist_ok=True)
    path.write_text(fill(text, nodes_commas=",".join(lab.nodes), count=len(lab.nodes)))
    container = f"{lab.name}-{lab.nodes[0]}"
    pcs_os("apply", "--container", container, "--yes", "--no-wait", "--allow", "restart,move,stop", str(path))
    path.unlink()


def remove(lab: Lab) -> None:
    """Take the resource away, and wait until it is gone."""
    apply(lab, "name: bench\nresources: {}\n")
    lab.wait("the resource gone", lambda: not lab.roles())


def monitor_cost(lab: Lab, document: str, times: int) -> dict[str, Any]:
    """What a monitor costs on the first node, run as Pacemaker runs it."""
    lines = document.splitlines()
    _, provider, kind = next(line for line in lines if "agent:" in line).split(": ")[1].split(":")
    environ = {
        "OCF_ROOT": "/usr/lib/ocf",
        "OCF_RESOURCE_INSTANCE": "service",
        "OCF_RESKEY_CRM_meta_interval": "10000",
        "OCF_RESKEY_CRM_meta_timeout": "60000",
        "OCF_RESKEY_CRM_meta_on_node": lab.nodes[0],
        "OCF_RESKEY_wsrep_cluster_address": f"gcomm://{','.join(lab.nodes)}",
        "OCF_RESKEY_check_user": "root",
    }
    agent = f"/usr/lib/ocf/resource.d/{provider}/{kind}"
    argv = ["python3", "-c", MEASURE, agent, str(times), json.dumps(environ)]
    found: dict[str, Any] = json.loads(lab.node(lab.nodes[0]).run(argv, timeout=900).text)
    for what in ("wall", "cpu"):
        found[f"{what}_median"] = median(run[what] for run in found["runs"])
    return found


def recovery(lab: Lab, name: str) -> dict[str, Any]:
    """A full power loss under no writes but with data: seconds until all is up, and what is still there."""
    service = SERVICES[name]
    client = CLIENTS[name](lab.addresses[lab.nodes[0]])
    client.prepare()
    written = [f"{name}-{number}" for number in range(100)]
    for value in written:
        client.write(value)
    lab.fault("power-loss")
    lab.fault("heal")
    begin = time.monotonic()
    lab.wait("everything up after a power loss", lambda: lab.up(service.promoted), 600)
    seconds = time.monotonic() - begin
    try:
        kept = len(set(client.read()) & set(written))
    except Exception as error:  # the service may have lost even the place that was written to
        return {"seconds": seconds, "written": len(written), "kept": 0, "error": str(error)}
    return {"seconds": seconds, "written": len(written), "kept": kept}


def main() -> None:
    """Measure both agents, one after the other, and keep the raw numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--only", choices=["ours", "shell"])
    parser.add_argument("--times", type=int, default=25)
    options = parser.parse_args()
    lab, service = Lab(options.lab), SERVICES[options.service]
    results: dict[str, Any] = {"service": options.service, "nodes": len(lab.nodes)}
    for which in [options.only] if options.only else ["ours", "shell"]:
        document = service.documents[which]
        begin = time.monotonic()
        apply(lab, document)
        lab.wait("everything up", lambda: lab.up(service.promoted), 600)
        found: dict[str, Any] = {"create_seconds": time.monotonic() - begin}
        for argv in service.on_one:
            lab.node(lab.nodes[0]).run(argv, ok=())
        found["monitor"] = monitor_cost(lab, document, options.times)
        found["power_loss"] = recovery(lab, options.service)
        results[which] = found
        brief = {key: value for key, value in found["monitor"].items() if key != "runs"}
        print(which, json.dumps(found | {"monitor": brief}))
        remove(lab)
    path = RESULTS / f"agents-{options.service}.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    print(f"raw numbers: {path}")


if __name__ == "__main__":
    main()
