"""The inventory of a deployment: the desired state and the facts of each host."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import Lock

from pacemaker_os.install.facts.host_facts import HostFacts
from pacemaker_os.openstack.desired import DesiredHost


@dataclass(slots=True)
class Inventory:
    """Desired state and facts of each host, as of the last time that facts were gathered.

    `is_complete` tells whether the cluster has the complete configuration; None means not checked yet.
    """

    desired: dict[str, DesiredHost] = field(default_factory=dict)
    facts: dict[str, HostFacts] = field(default_factory=dict)
    is_complete: bool | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def update(self, node: str, desired: DesiredHost, facts: HostFacts) -> None:
        """Replace what is known of a host."""
        self.desired[node] = desired
        self.facts[node] = facts

    def record_stamp(self, node: str, stamp: str, digest: str) -> None:
        """Record that a job is done. Jobs of several services end at the same time."""
        with self._lock:
            facts = self.facts[node]
            self.facts[node] = replace(facts, stamps={**facts.stamps, stamp: digest})
