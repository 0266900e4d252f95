"""The topology of a cluster: its nodes, their addresses, and the connections to them."""

from __future__ import annotations

from pacemaker_os.dataclass import dataclass
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologyNode:
    """A node, with an address per corosync link; the connection is a container, ssh, or local."""

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
    """A cluster; with None, corosync uses its default.

    `token` is corosync's token timeout in milliseconds. `pmtud_interval` is the interval of MTU discovery
    by knet, in seconds.
    """

    name: str
    nodes: tuple[TopologyNode, ...]
    token: int | None = None
    pmtud_interval: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(node.name for node in self.nodes)

    def node(self, name: str) -> TopologyNode | None:
        """Return the node of this name, or None."""
        return next((node for node in self.nodes if node.name == name), None)
