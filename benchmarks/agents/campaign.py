"""Faults under continuous writes; ends at the first loss. The seed makes the same faults again.

python3 -m benchmarks.agents.campaign LAB SERVICE --seed 1 --faults 30
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from typing import Any

from benchmarks.agents.check import losses
from benchmarks.agents.clients import CLIENTS, Client
from benchmarks.agents.faults import Fault, faults
from benchmarks.agents.measure import RESULTS, apply
from benchmarks.agents.services import SERVICES, Service
from benchmarks.agents.settle import Lab

#: Seconds between two writes of one writer.
PACE = 0.02


class Writer(threading.Thread):
    """Writes numbered values through one node for as long as it may, and keeps which were acknowledged."""

    def __init__(self, node: str, client: Client) -> None:
        super().__init__(daemon=True)
        self.node, self.client = node, client
        self.attempted: list[str] = []
        self.acknowledged: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.over.wait(PACE):
            value = f"{self.node}-{number}"
            number += 1
            self.attempted.append(value)
            try:
                self.client.write(value)
            except Exception:  # whatever it was, this write is not acknowledged
                self.over.wait(0.2)
            else:
                self.acknowledged.append(value)


def break_and_heal(lab: Lab, service: Service, fault: Fault) -> None:
    """Let a fault happen, last, and end."""
    time.sleep(fault.calm)
    by_signal = {"daemon": "-KILL", "hang": "-STOP"}
    if fault.kind in by_signal:
        lab.node(fault.nodes[0]).run(["pkill", by_signal[fault.kind], "-x", service.daemon], ok=(0, 1))
    else:
        lab.fault(fault.kind, *fault.nodes)
    time.sleep(fault.lasts)
    lab.fault("heal")


def judge(lab: Lab, service: Service, writers: list[Writer], clients: dict[str, Client]) -> list[str]:
    """Let the cluster come to rest, and compare what was acknowledged with what is there."""
    lab.wait("everything up after the fault", lambda: lab.up(service.promoted), 600)
    acknowledged = [value for writer in writers for value in list(writer.acknowledged)]
    held = {node: client.read() for node, client in clients.items()}
    attempted = {value for writer in writers for value in list(writer.attempted)}
    # Nodes are read one after the other while writing goes on: only what was acknowledged before counts.
    known = set(acknowledged)
    strange = {node: [v for v in values if v in known or v not in attempted] for node, values in held.items()}
    return list(losses(acknowledged, attempted, strange))


def main() -> None:
    """Run a campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab")
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--agent", choices=["ours", "shell"], default="ours")
    options = parser.parse_args()
    lab, service = Lab(options.lab), SERVICES[options.service]
    apply(lab, service.documents[options.agent])
    lab.wait("everything up", lambda: lab.up(service.promoted), 600)
    for argv in service.on_one:
        lab.node(lab.nodes[0]).run(argv, ok=())
    clients: dict[str, Client] = {node: CLIENTS[options.service](lab.addresses[node]) for node in lab.nodes}
    clients[lab.nodes[0]].prepare()
    writers = [Writer(node, client) for node, client in clients.items()]
    for writer in writers:
        writer.start()
    record: list[dict[str, Any]] = []
    wrong: list[str] = []
    for number, fault in enumerate(faults(options.seed, options.faults, lab.nodes), 1):
        begin = time.monotonic()
        break_and_heal(lab, service, fault)
        healed = time.monotonic()
        wrong = judge(lab, service, writers, clients)
        acknowledged = sum(len(writer.acknowledged) for writer in writers)
        seconds = round(time.monotonic() - healed, 1)
        record.append(
            {
                "fault": number,
                "kind": fault.kind,
                "nodes": fault.nodes,
                "lasted": round(healed - begin, 1),
                "recovered": seconds,
                "acknowledged": acknowledged,
                "wrong": wrong,
            }
        )
        where = ", ".join(fault.nodes) or "all nodes"
        said = f"up {seconds} s after, {acknowledged} acknowledged, {wrong or 'all there'}"
        print(f"{number:3} {fault.kind} of {where}: {said}", flush=True)
        if wrong:
            break
    for writer in writers:
        writer.over.set()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"campaign-{options.service}-{options.agent}-{options.seed}.json"
    path.write_text(json.dumps({"seed": options.seed, "faults": record}, indent=1) + "\n")
    print(f"raw numbers: {path}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
