"""The state of labs: their containers, and the node states that their clusters report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacemaker_os.cluster.setup.facts import online_nodes
from pacemaker_os.dataclass import dataclass
from pacemaker_os.lab import shape
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker import DockerClient


@dataclass(frozen=True, slots=True)
class NodeState:
    """State of a node; `container` is the Docker state of its container (running, paused, exited)."""

    lab: str
    node: str
    role: str
    release: str
    address: str
    container: str
    online: bool


def lab_states(client: DockerClient, lab: str | None) -> tuple[NodeState, ...]:
    """Return the state of every container of `lab`, or of all labs."""
    label = shape.LABEL_LAB if lab is None else f"{shape.LABEL_LAB}={lab}"
    found = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    running: dict[str, list[str]] = {}
    for container in found:
        if container.status == "running" and container.labels.get(shape.LABEL_ROLE) == shape.NODE:
            running.setdefault(container.labels[shape.LABEL_LAB], []).append(str(container.name))
    online = {name: _online(nodes) for name, nodes in running.items()}
    states = (
        NodeState(
            lab=container.labels[shape.LABEL_LAB],
            node=container.labels[shape.LABEL_NODE],
            role=container.labels[shape.LABEL_ROLE],
            release=container.labels[shape.LABEL_RELEASE],
            address=container.labels[shape.LABEL_ADDRESS],
            container=container.status,
            online=container.labels[shape.LABEL_NODE] in online.get(container.labels[shape.LABEL_LAB], ()),
        )
        for container in found
    )
    return tuple(sorted(states, key=lambda state: (state.lab, state.node)))


def _online(containers: list[str]) -> frozenset[str]:
    """Return the nodes that are online according to the first node with quorum."""
    for container in sorted(containers):
        online = online_nodes(ContainerTransport(container))
        if online:
            return online
    return frozenset()
