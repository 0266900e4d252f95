"""The states of nodes and resources, as `crm_mon` and `crm_simulate` report them in XML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from pacemaker_os.dataclass import dataclass

#: Flags of a node, the most important first. The first one that is set is its state.
_NODE_FLAGS = ("unclean", "pending", "standby", "standby_onfail", "maintenance")

#: Elements that contain resources.
_CONTAINERS = ("group", "clone", "bundle")

#: Names of the connections, containers and addresses that Pacemaker makes for a bundle, after its own name.
_INTERNAL = re.compile(r"-(?:\d+|(?:docker|podman|rkt)-\d+|ip-\S+)")


@dataclass(frozen=True, slots=True)
class NodeState:
    """The state of a node.

    `state` is online, offline, unclean, pending, standby or maintenance. `by_failure` is True if the node is
    in standby because an operation with on-fail=standby failed.
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
    """The state of one instance of a resource, and the nodes that it runs on.

    `parents` are the groups, clones and bundles that contain it, the outermost first. `promotable` is True in
    a promotable clone, `bundled` in a bundle.
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
    promotable: bool = False
    bundled: bool = False

    @property
    def service(self) -> str:
        """The outermost clone, group or bundle that contains the resource, or the resource itself."""
        return self.parents[0] if self.parents else self.id

    @property
    def name(self) -> str:
        """The id without the number of an instance of a clone."""
        return self.id.split(":")[0]

    @property
    def resource(self) -> str:
        """The resource that this is an instance of.

        The containers, connections and addresses of a bundle are internal: they are part of the bundle.
        """
        return self.service if self.is_internal else self.name

    @property
    def is_internal(self) -> bool:
        """Whether Pacemaker made the resource for a bundle."""
        name = self.name.removeprefix(self.service)
        return self.bundled and name != self.name and _INTERNAL.fullmatch(name) is not None


def read_nodes(result: etree._Element) -> tuple[NodeState, ...]:
    """Return the nodes of a `crm_mon` result, or of a `crm_simulate` result before the actions."""
    return tuple(map(_node, result.iterfind(".//nodes/node[@online]")))


def read_resources(result: etree._Element) -> tuple[ResourceState, ...]:
    """Return every instance of every resource, in the order of the configuration."""
    resources = next(result.iter("resources"), None)
    return () if resources is None else tuple(_resources(resources, ()))


def read_containers(result: etree._Element) -> frozenset[str]:
    """Return the ids of all groups, clones and bundles, without instance numbers."""
    resources = next(result.iter("resources"), None)
    found = () if resources is None else resources.iter(*_CONTAINERS)
    return frozenset(each.get("id", "").split(":")[0] for each in found)


def _node(element: etree._Element) -> NodeState:
    online = element.get("online") == "true"
    state = next((flag.replace("_onfail", "") for flag in _NODE_FLAGS if element.get(flag) == "true"), "")
    return NodeState(
        name=element.get("name", ""),
        online=online,
        state=state or ("online" if online else "offline"),
        kind=element.get("type", "member"),
        is_dc=element.get("is_dc") == "true",
        resources=int(element.get("resources_running") or 0),
        by_failure=element.get("standby_onfail") == "true",
    )


def _resources(
    parent: etree._Element, parents: tuple[str, ...], *, promotable: bool = False
) -> Iterator[ResourceState]:
    for element in parent:
        if element.tag == "resource":
            yield _resource(element, parents, promotable=promotable, bundled=parent.tag == "replica")
        elif element.tag in _CONTAINERS:
            inner = (*parents, element.get("id", "").split(":")[0])
            yield from _resources(
                element, inner, promotable=promotable or element.get("multi_state") == "true"
            )
        elif element.tag == "replica":
            yield from _resources(element, parents, promotable=promotable)


def _resource(
    element: etree._Element, parents: tuple[str, ...], *, promotable: bool, bundled: bool
) -> ResourceState:
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
        promotable=promotable,
        bundled=bundled,
    )
