"""The health of the nodes of a cluster, and whether the status that they give can be relied on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.health.coverage import Coverage
from pacemaker_os.status.health.kept_off import KeptOff
from pacemaker_os.status.health.node_facts import NodeFacts

#: Time after which a cluster has started, in seconds: an election, probes, and the start of its services.
STARTING = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Facts about the nodes; `connected` is the one that the status was read from, or empty.

    `coverage` are the fencing devices of each node, `untested` the devices that never worked, `kept_off` the
    resources that a probe keeps off a node, and `addresses` the resources of virtual addresses. Without
    facts, nothing was checked, as for a CIB file.
    """

    connected: str = ""
    nodes: tuple[NodeFacts, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    untested: tuple[str, ...] = ()
    kept_off: tuple[KeptOff, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> NodeFacts | None:
        """The facts of the connected node."""
        return next((each for each in self.nodes if each.node == self.connected), None)

    @property
    def better(self) -> NodeFacts | None:
        """A node that is part of the cluster, if the connected one is not; otherwise none."""
        own = self.own
        if own is None or own.view is None or (own.joined and own.view.quorum):
            return None
        others = (each for each in self.nodes if each.node != self.connected and each.view is not None)
        return next((each for each in others if each.joined and each.view and each.view.quorum), None)

    @property
    def is_current(self) -> bool:
        """Whether the status is that of the cluster: the connected node is part of it."""
        own = self.own
        return self.better is None and (own is None or own.joined)

    @property
    def starting(self) -> float:
        """The time since the cluster started, in seconds, if it is still starting; otherwise 0.

        It is only known if most nodes, and those that have joined, tell when they started.
        """
        times = {each.node: each.uptime for each in self.nodes if each.uptime}
        joined = self.own.view.joined if self.own and self.own.view else ()
        unknown = any(each.node in joined and each.node not in times for each in self.nodes)
        if unknown or 2 * len(times) <= len(self.nodes):
            return 0.0
        return max(times.values()) if max(times.values()) < STARTING else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return what was checked, and the fencing devices of each node, as JSON data."""
        return {
            "connected": self.connected,
            "checks": [each.to_json() for each in self.nodes],
            "fencing_coverage": [
                {"node": each.node, "devices": list(each.devices), "certain": each.certain}
                for each in self.coverage
            ],
        }
