"""What runs where, as `crm_mon` and `crm_simulate` say it in XML (api-result schema, both the same words)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

#: Flags of a node in the order of how much they matter; the first that holds says its state.
_NODE_FLAGS = ("unclean", "pending", "standby", "standby_onfail", "maintenance")

#: Elements that hold resources, and how people call them.
_CONTAINERS = {"group": "group", "clone": "clone", "bundle": "bundle"}

#: What agents' failures are called (crm_mon's words for the OCF exit statuses 1 to 6).
_STATUSES = {
    "1": "error",
    "2": "invalid parameter",
    "3": "unimplemented feature",
    "4": "insufficient privileges",
    "5": "not installed",
    "6": "not configured",
}


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node: `state` is online, offline, or what else is to be said (standby, maintenance, unclean)."""

    name: str
    online: bool
    state: str
    kind: str
    is_dc: bool
    resources: int


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


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed action: the scheduler's memory of it, with the agent's own words in `reason`."""

    resource: str
    task: str
    node: str
    status: str
    reason: str
    when: str
    call: str


def read_nodes(result: etree._Element) -> tuple[NodeState, ...]:
    """The nodes of a `crm_mon` result, or of a `crm_simulate` result before the actions."""
    return tuple(map(_node, result.iterfind(".//nodes/node[@online]")))


def read_resources(result: etree._Element) -> tuple[ResourceState, ...]:
    """Every instance of every resource, in the order of the configuration."""
    place = next(result.iter("resources"), None)
    return () if place is None else tuple(_resources(place, ()))


def read_failures(result: etree._Element) -> tuple[Failure, ...]:
    """The failed actions that `crm_mon` lists."""
    return tuple(map(_failure, result.iterfind(".//failures/failure[@op_key]")))


def read_failed_probes(cib: etree._Element) -> Iterator[Failure]:
    """Yield what agents said when they could not even look, from the status of a `<cib>`.

    crm_mon does not list these: that a service is not installed on some node is no failure by itself.
    """
    for state in cib.iterfind("status/node_state"):
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            for operation in resource.iterfind("lrm_rsc_op[@operation='monitor'][@interval='0']"):
                status = _STATUSES.get(operation.get("rc-code", ""))
                if status and operation.get("id", "").endswith("_last_0"):
                    yield Failure(
                        resource=resource.get("id", ""),
                        task="probe",
                        node=state.get("uname", ""),
                        status=status,
                        reason=operation.get("exit-reason", ""),
                        when=_moment(operation.get("last-rc-change", "")),
                        call=operation.get("call-id", ""),
                    )


def _moment(seconds: str) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(sep=" ") if seconds.isdigit() else seconds


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


def _said(reason: str) -> str:
    """crm_mon says `none` where the agent said nothing."""
    return "" if reason == "none" else reason


def _failure(element: etree._Element) -> Failure:
    key = element.get("op_key", "")
    resource = key.rsplit("_", 2)[0] if key.count("_") >= 2 else key
    return Failure(
        resource=resource,
        task=element.get("task") or key[len(resource) + 1 :].rsplit("_", 1)[0],
        node=element.get("node", ""),
        status=element.get("exitstatus", ""),
        reason=_said(element.get("exitreason", "")),
        when=element.get("last-rc-change", ""),
        call=element.get("call", ""),
    )
