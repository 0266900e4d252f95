"""Conditions of a cluster under which a change has no effect, or may be lost."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.node_state import has_controller
from pacemaker_os.cib.tree.properties import read_properties
from pacemaker_os.cib.values import boolean

#: What a partition without quorum does, by no-quorum-policy (Pacemaker Explained, "Cluster Options").
_POLICIES = {
    "stop": "Pacemaker stops its services",
    "freeze": "Pacemaker starts no services in it",
    "demote": "Pacemaker demotes its promoted instances and stops its other services",
    "suicide": "Pacemaker fences its nodes",
    "fence": "Pacemaker fences its nodes",
    "ignore": "Pacemaker runs services as with quorum",
}

#: Node attributes that keep a node from starting anything.
_INACTIVE = ("standby", "maintenance")


def conditions(target: etree._Element, status: etree._Element, *, live: bool) -> Iterator[str]:
    """Yield what an operator must know about a cluster that gets the configuration of a `<cib>`.

    Args:
        status: A `<cib>` with the current quorum and the current state of the nodes.
        live: Whether it is that of a running cluster; a file has no quorum.
    """
    properties = read_properties(content.configuration(target))
    if boolean(properties.get("maintenance-mode", "")):
        yield (
            "the cluster is in maintenance mode: Pacemaker starts, stops and monitors nothing until "
            "maintenance-mode is false"
        )
    if boolean(properties.get("stop-all-resources", "")):
        yield "stop-all-resources is true: nothing starts until it is false"
    nodes = list(target.iterfind("configuration/nodes/node"))
    inactive = [node.get("uname", "") for node in nodes if _is_inactive(node)]
    if inactive and len(inactive) == len(nodes):
        yield "every node is in standby or in maintenance mode: nothing starts"
    if live and boolean(status.get("have-quorum", "1")) is False:
        states = list(status.iterfind("status/node_state"))
        online = sum(map(has_controller, states))
        policy = properties.get("no-quorum-policy", "stop").lower()
        yield (
            f"this partition has no quorum ({online} of {len(nodes)} nodes online): "
            f"{_POLICIES.get(policy, _POLICIES['stop'])}. A change here may be lost: when the partitions "
            "join again, all nodes take the CIB with the highest version, and either this change or those of "
            "the other partition are gone. Restore quorum first if you can"
        )


def _is_inactive(node: etree._Element) -> bool:
    pairs = node.iterfind("instance_attributes/nvpair")
    return any(pair.get("name") in _INACTIVE and boolean(pair.get("value", "")) for pair in pairs)
