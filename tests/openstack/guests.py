"""Guests according to the records of the fake hypervisors (containers/compute: nova/virt/lasting.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from lab_cloud import LabCloud

from pacemaker_os.errors import TransportError

GUESTS, JOURNAL = "/var/lib/nova/guests.json", "/var/lib/nova/guests.journal"

RUNNING = 1

#: Prints the start time of the container in the format of the driver.
BOOT = "cut -d ' ' -f 22 /proc/1/stat"


@dataclass(frozen=True, slots=True)
class Event:
    """An action of a hypervisor: spawn, spawn-again, destroy, on, off, revert or begin."""

    time: float
    host: str
    action: str
    uuid: str


def running(cloud: LabCloud) -> dict[str, list[str]]:
    """Return the hosts of each running guest. A node that is off runs none, whatever its records contain."""
    found: dict[str, list[str]] = {}
    for host in cloud.nodes("compute"):
        try:
            node = cloud.node(host)
            boot = node.run(["sh", "-c", BOOT]).text.strip()
            guests = json.loads(node.run(["cat", GUESTS], ok=(0, 1)).text or "{}")
        except TransportError:
            continue
        for uuid, (_, state, recorded_boot) in guests.items():
            if state == RUNNING and recorded_boot == boot:
                found.setdefault(uuid, []).append(host)
    return found


def events(cloud: LabCloud, since: float = 0.0) -> list[Event]:
    """Return the actions of all hypervisors since a time, oldest first."""
    found = []
    for host in cloud.nodes("compute"):
        for line in cloud.node(host).run(["cat", JOURNAL], ok=(0, 1)).text.splitlines():
            moment, _, action, uuid = line.split()
            if float(moment) >= since:
                found.append(Event(float(moment), host, action, uuid))
    return sorted(found, key=lambda event: event.time)
