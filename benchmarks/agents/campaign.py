"""Inject faults during continuous writes, and stop at the first data loss. A seed reproduces its faults.

python3 -m benchmarks.agents.campaign LAB SERVICE --seed 1 --faults 30
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from benchmarks.agents.faults import Fault, faults
from benchmarks.agents.measure import RESULTS, apply, document
from benchmarks.agents.services import SERVICES, Service
from benchmarks.agents.settle import Lab
from benchmarks.agents.writers import Writers


def break_and_heal(lab: Lab, service: Service, fault: Fault) -> None:
    """Inject a fault, wait, and heal it."""
    time.sleep(fault.calm)
    by_signal = {"daemon": "-KILL", "hang": "-STOP"}
    if fault.kind in by_signal:
        lab.node(fault.nodes[0]).run(["pkill", by_signal[fault.kind], "-x", service.daemon], ok=(0, 1))
    else:
        lab.fault(fault.kind, *fault.nodes)
    time.sleep(fault.lasts)
    lab.fault("heal")


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
    apply(lab, document(lab, options.service, options.agent))
    lab.wait("everything up", lambda: lab.up(service.promoted), 600)
    record: list[dict[str, Any]] = []
    wrong: list[str] = []
    with Writers(lab, options.service) as writers:
        for number, fault in enumerate(faults(options.seed, options.faults, lab.nodes), 1):
            begin = time.monotonic()
            break_and_heal(lab, service, fault)
            healed = time.monotonic()
            lab.wait(
                "everything up after the fault", lambda: lab.up(service.promoted) and writers.answered(), 600
            )
            seconds = round(time.monotonic() - healed, 1)
            wrong = writers.problems()
            record.append(
                {
                    "fault": number,
                    "kind": fault.kind,
                    "nodes": fault.nodes,
                    "lasted": round(healed - begin, 1),
                    "recovered": seconds,
                    "acknowledged": writers.acknowledged,
                    "wrong": wrong,
                }
            )
            where = ", ".join(fault.nodes) or "all nodes"
            result = f"up {seconds} s after, {writers.acknowledged} acknowledged, {wrong or 'all there'}"
            print(f"{number:3} {fault.kind} of {where}: {result}", flush=True)
            if wrong:
                break
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"campaign-{options.service}-{lab.release}-{options.agent}-{options.seed}.json"
    path.write_text(json.dumps({"seed": options.seed, "faults": record}, indent=1) + "\n")
    print(f"raw numbers: {path}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
