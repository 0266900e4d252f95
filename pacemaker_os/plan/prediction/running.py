"""What runs where, as `crm_mon` and `crm_simulate` say it in XML (api-result schema, both the same words)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

#: Flags of a node in the order of how much they matter; the first that holds says its state.
_NODE_FLAGS = ("unclean", "pending", "standby", "standby_onfail", "maintenance")

#: Elements that hold resources, and how people call them.
_CONTAINERS = {"group": "group", "clone": "clone", "bundle": "bundle"}


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node: `state` is online, offline, or what else is to be said (standby, maintenance, unclean).

    `by_failure`: it is in standby because an operation failed whose on-fail is standby.
    """

    name: str
    online: bool
    state: str
    kind: str
    is_dc: bool
    resources: int
    by_failure: bool = False


@dataclass(frozen=True, slots=True)
class ResourceState:
    """One instance of a resource: what it is doing, and on which nodes.

    `parents` are the groups, clones and bundles around it, outermost first.
    """

    id: str
    agent: str
    role: str
    nodes: tuple[str, ...]
    parents: tuple[str, ...]
    active: bool
    failed: bool
    managed: bool
    blocked: bool
    orphaned: bool
    pending: str = ""
    target_role: str = ""

    @property
    def service(self) -> str:
        """What people call the whole that it belongs to: its outermost clone, group or bundle, or itself."""
        return self.parents[0] if self.parents else self.id


def read_nodes(result: etree._Element) -> tuple[NodeState, ...]:
    """The nodes of a `crm_mon` result, or of a `crm_simulate` result before the actions."""
    return tuple(map(_node, result.iterfind(".//nodes/node[@online]")))


def read_resources(result: etree._Element) -> tuple[ResourceState, ...]:
    """Every instance of every resource, in the order of the configuration."""
    place = next(result.iter("resources"), None)
    return () if place is None else tuple(_resources(place, ()))


def _node(element: etree._Element) -> NodeState:
    online = element.get("online") == "true"
    said = next((flag.replace("_onfail", "") for flag in _NODE_FLAGS if element.get(flag) == "true"), "")
    return NodeState(
        name=element.get("name", ""),
        online=online,
        state=said or ("online" if online else "offline"),
        kind=element.get("type", "member"),
        is_dc=element.get("is_dc") == "true",
        resources=int(element.get("resources_running") or 0),
        by_failure=element.get("standby_onfail") == "true",
    )


def _resources(place: etree._Element, parents: tuple[str, ...]) -> Iterator[ResourceState]:
    for element in place:
        if element.tag == "resource":
            yield _resource(element, parents)
        elif element.tag in _CONTAINERS:
            yield from _resources(element, (*parents, element.get("id", "").split(":")[0]))
        elif element.tag == "replica":
            yield from _resources(element, parents)


def _resource(element: etree._Element, parents: tuple[str, ...]) -> ResourceState:
    return ResourceState(
        id=element.get("id", ""),
        agent=element.get("resource_agent", ""),
        role=element.get("role", ""),
        nodes=tuple(str(node.get("name", "")) for node in element.iterfind("node")),
        parents=parents,
        active=element.get("active") == "true",
        failed=element.get("failed") == "true",
        managed=element.get("managed") == "true",
        blocked=element.get("blocked") == "true",
        orphaned=element.get("orphaned") == "true",
        pending=element.get("pending", ""),
        target_role=element.get("target_role", ""),
    )
