"""Gather facts from the nodes of a running cluster: one command per node, all at the same time."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.node_program import NODE_FACTS, run_node_program
from pacemaker_os.cluster.store.peers import open_peer
from pacemaker_os.cluster.target import Target
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.status.health.health import Health
from pacemaker_os.status.health.node_facts import NodeFacts, read_node_facts
from pacemaker_os.status.health.queries import Query, queries
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.shell import ShellTransport

#: Time in which the daemons of a node must answer, in seconds.
ANSWER = 0.7

#: Time for a node that is in the cluster, including the connection, in seconds; and for other nodes, which
#: probably do not respond. A node that is in the cluster and that takes longer than ANSWER is overloaded.
PATIENCE, LOST = 4.0, 0.6

#: Share of the time for a node that its daemons have to answer.
_SHARE = 0.7

#: Maximum number of nodes whose facts are gathered.
NODES = 32

#: A query for nothing in addition.
NO_QUERY = Query()

#: Agents with an address in the parameter `ip`.
_ADDRESSES = ("IPaddr2", "IPaddr", "IPaddr2-ns")


@dataclass(frozen=True, slots=True)
class Members:
    """The cluster nodes of a CIB: their names by ID, and those that have joined according to it."""

    names: Mapping[str, str]
    joined: frozenset[str]


def members(cib: etree._Element) -> Members:
    """Return the cluster nodes of a `<cib>`."""
    nodes = [
        each for each in cib.iterfind("configuration/nodes/node") if each.get("type", "member") == "member"
    ]
    joined = {
        state.get("uname", "")
        for state in cib.iterfind("status/node_state")
        if state.get("crmd", "offline") not in ("offline", "0")
    }
    return Members({str(node.get("id")): str(node.get("uname")) for node in nodes}, frozenset(joined))


def read_health(cluster: Cluster, cib: etree._Element) -> Health:
    """Return the health of the nodes of a running cluster; nothing is known about a CIB file."""
    if not cluster.live or not isinstance(cluster.transport, ShellTransport):
        return Health()
    addresses = virtual_addresses(cib)
    known = members(cib)
    names = sorted(known.names.values())
    own = own_name(cluster.target, names) or _own_name_by_id(cluster.transport, known)
    facts = gather(cluster, own, known, queries(cib), list(addresses))
    return Health(connected=own, nodes=facts, addresses=addresses)


def gather(
    cluster: Cluster, own: str, known: Members, needed: Mapping[str, Query], addresses: Sequence[str]
) -> tuple[NodeFacts, ...]:
    """Return the facts of each cluster node, the connected one (`own`) first."""
    names = sorted(known.names.values(), key=lambda name: (name != own, name))[:NODES]

    def ask(name: str) -> NodeFacts:
        seconds = PATIENCE if name in known.joined or name == own else LOST
        try:
            transport = cluster.transport if name == own else open_peer(cluster.target, names, name)
            response, clock = ask_node(transport, needed.get(name, NO_QUERY), addresses, seconds)
        except TransportError as error:
            return NodeFacts(node=name, why=str(error))
        return read_node_facts(name, response, known.names, clock)

    return tuple(run_parallel(ask, names, workers=NODES))


def ask_node(
    transport: Transport, query: Query, addresses: Sequence[str], seconds: float
) -> tuple[dict[str, Any], tuple[float, float]]:
    """Return the response of a node, and the difference of its clock with the uncertainty of that.

    Raises TransportError.
    """
    if not isinstance(transport, ShellTransport):
        raise TransportError(f"{transport.name}: this transport runs no programs", code="usage")
    argument = {
        "seconds": min(ANSWER, seconds * _SHARE),
        "addresses": list(addresses),
        "units": list(query.units),
        "texts": list(query.texts),
    }
    begin = time.time()
    response = run_node_program(transport, NODE_FACTS, argument, seconds=seconds)
    if not isinstance(response, dict) or not isinstance(response.get("when"), float):
        raise TransportError(f"{transport.name}: unexpected response of the program 'node_facts'")
    # The node reads its clock after the connection and the start of Python, and before it gathers the facts.
    uncertainty = (time.time() - begin) / 2
    return response, (response["when"] - begin - uncertainty, uncertainty)


def own_name(target: Target, names: Sequence[str]) -> str:
    """Return the node that a target leads to; empty if its name does not tell."""
    if target.container is not None:
        found = [name for name in names if target.container.endswith(name)]
        return max(found, key=len, default="")
    host = os.uname().nodename if target.ssh is None else target.ssh.rpartition("@")[2]
    return next((name for name in names if host in (name, name.partition(".")[0])), "") or next(
        (name for name in names if name == host.partition(".")[0]), ""
    )


def _own_name_by_id(transport: Transport, known: Members) -> str:
    """Return the connected node by the ID that corosync has there; empty if it cannot be determined."""
    try:
        response, _ = ask_node(transport, NO_QUERY, (), PATIENCE)
        return known.names.get(str(response["sections"]["links"]["id"]), "")
    except (TransportError, KeyError):
        return ""


def virtual_addresses(cib: etree._Element) -> dict[str, str]:
    """Return the addresses that run on one node at a time, with their resources.

    A clone shares its address among nodes.
    """
    found = {}
    for primitive in cib.iterfind("configuration/resources//primitive[@class='ocf']"):
        if primitive.get("type") not in _ADDRESSES or _is_cloned(primitive):
            continue
        pairs = primitive.iterfind("instance_attributes/nvpair[@name='ip']")
        found.update({pair.get("value", ""): str(primitive.get("id")) for pair in pairs})
    return found


def _is_cloned(primitive: etree._Element) -> bool:
    return next(primitive.iterancestors("clone", "master"), None) is not None
