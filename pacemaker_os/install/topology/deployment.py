"""A deployment: the cluster nodes, the other nodes, and the cloud that runs on them."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.cib import Origin
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A topology. `members` are the cluster nodes; `origins` are the positions of the nodes in the file."""

    file: str
    members: Topology
    nodes: tuple[TopologyNode, ...]
    cloud: Cloud
    origins: Mapping[str, Origin]

    @property
    def remotes(self) -> tuple[TopologyNode, ...]:
        """The remote nodes of the cluster."""
        return tuple(node for node in self.nodes if not {"controller", "front"} & set(node.roles))

    @property
    def fronts(self) -> tuple[TopologyNode, ...]:
        """The front nodes, which are outside the cluster."""
        return tuple(node for node in self.nodes if "front" in node.roles)

    def with_role(self, role: str) -> tuple[str, ...]:
        """Return the names of the nodes with a role, in order."""
        return tuple(host.name for host in self.cloud.with_role(role))
