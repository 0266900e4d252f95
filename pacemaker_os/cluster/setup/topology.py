"""What a cluster is made of: its nodes, their addresses, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass

from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyNode:
    """A node: `addresses` one for each corosync link; reached through a container or ssh, else locally."""

    name: str
    addresses: tuple[str, ...]
    roles: tuple[str, ...] = ()
    container: str | None = None
    ssh: str | None = None

    def open(self) -> Transport:
        """Return the transport to this node."""
        return open_transport(container=self.container, ssh=self.ssh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A cluster; None leaves corosync its own default.

    `token` is corosync's token timeout in milliseconds; `pmtud_interval` (seconds) is how often knet looks
    for the path's MTU.
    """

    name: str
    nodes: tuple[TopologyNode, ...]
    token: int | None = None
    pmtud_interval: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(node.name for node in self.nodes)

    def node(self, name: str) -> TopologyNode | None:
        """Return the node of that name."""
        return next((node for node in self.nodes if node.name == name), None)
