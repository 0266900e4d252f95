"""The other nodes of a live cluster, and how they are reached from where the first one was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.errors import TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport

#: How long a peer may take to answer at all, in seconds.
PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A cluster node with the way to it; None when there is none, for the reason in `why`."""

    node: str
    transport: Transport | None
    why: str = ""


def peers(cluster: Cluster) -> list[Peer]:
    """Every cluster node, the one that the cluster is reached through first. Raises TransportError."""
    own = cluster.transport.run(["crm_node", "--name"]).text.strip()
    listed = cluster.transport.run(["crm_node", "--list"]).text
    names = sorted(set(_names(listed)) - {own})
    return [Peer(own, cluster.transport), *run_parallel(lambda name: _peer(cluster, own, name), names)]


def _names(listed: str) -> Iterator[str]:
    """The names in lines like `2 controller02 member`."""
    for line in listed.splitlines():
        words = line.split()
        if len(words) >= 2:
            yield words[1]


def _peer(cluster: Cluster, own: str, name: str) -> Peer:
    try:
        transport = _open(cluster, own, name)
        transport.run(["true"], timeout=PATIENCE)
    except TransportError as error:
        return Peer(name, None, str(error))
    return Peer(name, transport)


def _open(cluster: Cluster, own: str, name: str) -> Transport:
    """Containers of one lab differ in the node's name; hosts are reached by ssh, as the same user."""
    target = cluster.target
    if target.container is not None:
        if not target.container.endswith(own):
            raise TransportError(f"nobody knows which container {name} is")
        return open_transport(container=target.container.removesuffix(own) + name)
    user, at, _ = (target.ssh or "").rpartition("@")
    return open_transport(ssh=f"{user}{at}{name}")
