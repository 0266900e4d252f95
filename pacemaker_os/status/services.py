"""Services, read from the `<resources>` in the output of `crm_mon --output-as=xml --inactive`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib.tree.relations import read_relations
from pacemaker_os.cib.values import role
from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.values import Placement, Service

#: Roles of a running resource, in order of display.
_ROLES = ("Promoted", "Unpromoted", "Started", "Starting", "Promoting", "Demoting", "Stopping", "Migrating")

#: Agents of the containers of a bundle.
_CONTAINERS = ("ocf:heartbeat:docker", "ocf:heartbeat:podman", "ocf:heartbeat:rkt")


@dataclass(frozen=True, slots=True)
class _Context:
    """The groups and clones that contain a resource, and the attributes that they pass on to it."""

    kind: str = "primitive"
    parents: tuple[str, ...] = ()
    group: str = ""
    target_role: str = ""
    maintenance: bool = False


def read_services(result: etree._Element, configuration: etree._Element) -> tuple[Service, ...]:
    """Return every service in the `result` of crm_mon, with its dependencies in a `<configuration>`."""
    resources = result.find("resources")
    found = [] if resources is None else list(_within(resources, _Context()))
    needs = _needs(found, configuration)
    return tuple(replace(service, needs=tuple(sorted(needs[service.id]))) for service in found)


def _needs(services: Iterable[Service], configuration: etree._Element) -> Mapping[str, set[str]]:
    """Return, for each service, the services that it cannot run without. A group means all its members."""
    by_name = defaultdict(list)
    for service in services:
        for name in service.names:
            by_name[name].append(service.id)
    found: dict[str, set[str]] = defaultdict(set)
    for relation in read_relations(configuration):
        if relation.mandatory and not relation.apart:
            for then in by_name[relation.then]:
                found[then].update(first for first in by_name[relation.first] if first != then)
    return found


def _within(parent: etree._Element, context: _Context) -> Iterator[Service]:
    """Yield the services below an element, the instances of each primitive combined."""
    found: dict[str, list[tuple[etree._Element, _Context]]] = defaultdict(list)
    for element in parent:
        match element.tag:
            case "resource":
                found[_plain(element)].append((element, context))
            case "group":
                inner = _inside(element, context, group=_plain(element))
                for each in element.iterfind("resource"):
                    found[_plain(each)].append((each, inner))
            case "clone":
                kind = "promotable" if element.get("multi_state") == "true" else "clone"
                yield from _within(element, _inside(element, context, kind=kind))
            case "bundle":
                yield _bundle(element, context)
    for name, instances in found.items():
        yield _service(name, [element for element, _ in instances], instances[0][1])


def _inside(element: etree._Element, context: _Context, *, kind: str = "", group: str = "") -> _Context:
    return _Context(
        kind=kind or context.kind,
        parents=(*context.parents, _plain(element)),
        group=group or context.group,
        target_role=element.get("target_role", context.target_role),
        maintenance=context.maintenance or element.get("maintenance") == "true",
    )


def _plain(element: etree._Element) -> str:
    """Return the id without the instance number."""
    return element.get("id", "").split(":")[0]


def _service(name: str, instances: list[etree._Element], context: _Context) -> Service:
    return Service(
        id=name,
        kind=context.kind,
        agent=instances[0].get("resource_agent", ""),
        placements=_placements([(each, {}) for each in instances]),
        parents=context.parents,
        group=context.group,
        stopped_instances=sum(each.find("node") is None for each in instances),
        managed=all(each.get("managed") == "true" for each in instances),
        failed=_any(instances, "failed"),
        blocked=_any(instances, "blocked"),
        orphaned=_any(instances, "orphaned"),
        maintenance=context.maintenance or _any(instances, "maintenance"),
        pending=tuple(sorted({each.get("pending", "") for each in instances} - {""})),
        target_role=role(instances[0].get("target_role") or context.target_role),
    )


def _any(instances: list[etree._Element], flag: str) -> bool:
    return any(each.get(flag) == "true" for each in instances)


def _placements(instances: Sequence[tuple[etree._Element, Mapping[str, str]]]) -> tuple[Placement, ...]:
    """Return the roles with their nodes. Instances come with a map from container nodes to their hosts."""
    nodes: dict[str, set[str]] = defaultdict(set)
    for each, hosts in instances:
        for node in each.iterfind("node"):
            name = node.get("name", "")
            nodes[role(each.get("role", ""))].add(hosts.get(name, name))
    ranked = sorted(nodes, key=lambda each: _ROLES.index(each) if each in _ROLES else len(_ROLES))
    return tuple(Placement(each, tuple(sorted(nodes[each]))) for each in ranked)


def _bundle(bundle: etree._Element, context: _Context) -> Service:
    """Return a bundle as one service, with the roles of its containers on the nodes that run these."""
    name, instances = bundle.get("id", ""), []
    resources = list(bundle.iter("resource"))
    inner: list[etree._Element] = []
    for replica in bundle.iterfind("replica"):
        members = list(replica.iterfind("resource"))
        containers = [each for each in members if each.get("resource_agent") in _CONTAINERS]
        guest = f"{name}-{replica.get('id')}"
        host_names = [str(node.get("name")) for each in containers for node in each.iterfind("node")]
        hosts = {guest: host_names[0]} if host_names else {}
        payload = [each for each in members if any(n.get("name") == guest for n in each.iterfind("node"))]
        inner += payload
        instances += [(each, hosts) for each in payload or containers]
    return Service(
        id=name,
        kind="bundle",
        agent=inner[0].get("resource_agent", "") if inner else bundle.get("image", ""),
        placements=_placements(instances),
        parents=context.parents,
        parts=tuple(sorted({_plain(each) for each in resources} - {name})),
        stopped_instances=sum(each.find("node") is None for each, _ in instances),
        managed=bundle.get("managed") == "true",
        failed=bundle.get("failed") == "true" or _any(resources, "failed"),
        blocked=_any(resources, "blocked"),
        orphaned=_any(resources, "orphaned"),
        maintenance=bundle.get("maintenance") == "true",
        pending=tuple(sorted({each.get("pending", "") for each in resources} - {""})),
        target_role=role(bundle.get("target_role", "")),
    )
