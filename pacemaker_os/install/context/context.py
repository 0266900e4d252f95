"""The context of a deployment: what all its steps work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from pacemaker_os.cluster import Cluster, Target, connect
from pacemaker_os.dataclass import dataclass
from pacemaker_os.install.agents import Release, release
from pacemaker_os.install.context.inventory import Inventory
from pacemaker_os.install.context.recorder import Recorder
from pacemaker_os.install.nodes.log import LoggedTransport
from pacemaker_os.install.topology.deployment import Deployment
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployContext:
    """Inputs of a deployment, and the two objects that change while it runs: `recorder` and `inventory`.

    `only` limits the deployment to these services; an empty tuple means all services.
    """

    deployment: Deployment
    secrets: Mapping[str, Secret]
    transports: Mapping[str, LoggedTransport]
    recorder: Recorder
    inventory: Inventory = field(default_factory=Inventory)
    only: tuple[str, ...] = ()
    release: Release = field(default_factory=release)

    @property
    def cloud(self) -> Cloud:
        """The cloud, with its services in the order of their dependencies."""
        return self.deployment.cloud

    @property
    def services(self) -> tuple[str, ...]:
        """The selected services, each after its dependencies."""
        return tuple(name for name in self.cloud.services if not self.only or name in self.only)

    @property
    def document(self) -> Path:
        """The file of the cluster document, next to the topology."""
        topology = Path(self.deployment.file)
        return topology.with_name(f"{topology.stem}.cib.yaml")

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each node by its name."""
        return {host.name: host.address for host in self.cloud.hosts}

    @property
    def controllers(self) -> tuple[str, ...]:
        """The cluster nodes."""
        return self.deployment.members.names

    @property
    def first_controller(self) -> str:
        """The controller that runs one-off commands."""
        return self.controllers[0]

    def cluster(self) -> Cluster:
        """Connect to the cluster through its first node."""
        node = self.deployment.members.nodes[0]
        return connect(Target(container=node.container, ssh=node.ssh))
