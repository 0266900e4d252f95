"""What hypervisors run, by their own records (containers/compute: nova/virt/lasting.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from lab_cloud import LabCloud

from pacemaker_os.errors import TransportError

GUESTS, JOURNAL = "/var/lib/nova/guests.json", "/var/lib/nova/guests.journal"

RUNNING = 1

#: Prints when the container began, in the words of the driver.
BOOT = "cut -d ' ' -f 22 /proc/1/stat"


@dataclass(frozen=True, slots=True)
class Event:
    """What a hypervisor did: `what` is spawn, spawn-again, destroy, on, off or begin."""

    time: float
    host: str
    what: str
    uuid: str


def running(cloud: LabCloud) -> dict[str, list[str]]:
    """Where each guest runs now. A node that is off runs none, whatever it wrote down before."""
    found: dict[str, list[str]] = {}
    for host in cloud.nodes("compute"):
        try:
            node = cloud.node(host)
            boot = node.run(["sh", "-c", BOOT]).text.strip()
            said = json.loads(node.run(["cat", GUESTS], ok=(0, 1)).text or "{}")
        except TransportError:
            continue
        for uuid, (_, state, seen) in said.items():
            if state == RUNNING and seen == boot:
                found.setdefault(uuid, []).append(host)
    return found


def events(cloud: LabCloud, since: float = 0.0) -> list[Event]:
    """Everything that the hypervisors did since then, the oldest first."""
    found = []
    for host in cloud.nodes("compute"):
        for line in cloud.node(host).run(["cat", JOURNAL], ok=(0, 1)).text.splitlines():
            moment, _, what, uuid = line.split()
            if float(moment) >= since:
                found.append(Event(float(moment), host, what, uuid))
    return sorted(found, key=lambda event: event.time)
