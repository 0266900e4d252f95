"""Connections to the other nodes of a running cluster, derived from the connection to the first one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pacemaker_os.cluster.target import Target
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport

#: Time, in seconds, in which a peer must answer.
TIMEOUT = 8.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A cluster node and its transport, which is None with the error in `why` if the node is unreachable."""

    node: str
    transport: Transport | None
    why: str = ""


def connect_peers(transport: Transport, target: Target, *, only_members: bool = False) -> list[Peer]:
    """Return every cluster node, with the connected node first. Raises TransportError.

    With `only_members`, a node that has left the cluster counts as unreachable, without an attempt.
    """
    own = transport.run(["crm_node", "--name"]).text.strip()
    listed = transport.run(["crm_node", "--list"]).text
    states = {name: state for name, state in _states(listed) if name != own}

    def connect(name: str) -> Peer:
        if only_members and states[name] == "lost":
            return Peer(name, None, "the node has left the cluster")
        return _peer(target, own, name)

    return [Peer(own, transport), *run_parallel(connect, sorted(states))]


def _states(output: str) -> Iterator[tuple[str, str]]:
    """Yield name and state in lines such as `2 controller02 member`."""
    for line in output.splitlines():
        fields = line.split()
        if len(fields) >= 2:
            yield fields[1], "".join(fields[2:3])


def _peer(target: Target, own: str, name: str) -> Peer:
    try:
        transport = open_peer(target, [own], name)
        transport.run(["true"], timeout=TIMEOUT)
    except TransportError as error:
        return Peer(name, None, str(error))
    return Peer(name, transport)


def open_peer(target: Target, nodes: Collection[str], name: str) -> Transport:
    """Return a transport to the node `name`, given that `target` leads to one of `nodes`.

    The names of the containers of a lab differ only in the node name. Hosts are reached by ssh as the same
    user. Raises TransportError.
    """
    if target.container is not None:
        own = max((node for node in nodes if target.container.endswith(node)), key=len, default=None)
        if own is None:
            raise TransportError(f"cannot derive the container of node '{name}' from '{target.container}'")
        return open_transport(container=target.container.removesuffix(own) + name)
    user, at, _ = (target.ssh or "").rpartition("@")
    return open_transport(ssh=f"{user}{at}{name}")
