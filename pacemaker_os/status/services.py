"""Services, read from the `<resources>` that `crm_mon --output-as=xml --inactive` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from pacemaker_os.cib.tree.relations import read_relations
from pacemaker_os.cib.values import role
from pacemaker_os.status.values import Placement, Service

#: The roles in which a resource runs, those that matter most first.
_ROLES = ("Promoted", "Unpromoted", "Started", "Starting", "Promoting", "Demoting", "Stopping", "Migrating")

#: Agents of the containers that a bundle consists of.
_CONTAINERS = ("ocf:heartbeat:docker", "ocf:heartbeat:podman", "ocf:heartbeat:rkt")


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around a resource: ids of groups and clones, and what these say of all within."""

    kind: str = "primitive"
    parents: tuple[str, ...] = ()
    group: str = ""
    target_role: str = ""
    maintenance: bool = False


def read_services(result: etree._Element, configuration: etree._Element) -> tuple[Service, ...]:
    """Every service in crm_mon's `result`, with what it needs by the constraints of a `<configuration>`."""
    place = result.find("resources")
    found = [] if place is None else list(_within(place, _Around()))
    needs = _needs(found, configuration)
    return tuple(replace(service, needs=tuple(sorted(needs[service.id]))) for service in found)


def _needs(services: Iterable[Service], configuration: etree._Element) -> Mapping[str, set[str]]:
    """For each service those without which it never runs; a group stands for all its members."""
    called = defaultdict(list)
    for service in services:
        for name in service.names:
            called[name].append(service.id)
    found: dict[str, set[str]] = defaultdict(set)
    for relation in read_relations(configuration):
        if relation.mandatory and not relation.apart:
            for then in called[relation.then]:
                found[then].update(first for first in called[relation.first] if first != then)
    return found


def _within(place: etree._Element, around: _Around) -> Iterator[Service]:
    """The services of an element: the instances of one primitive are put together."""
    found: dict[str, list[tuple[etree._Element, _Around]]] = defaultdict(list)
    for element in place:
        match element.tag:
            case "resource":
                found[_plain(element)].append((element, around))
            case "group":
                inner = _inside(element, around, group=_plain(element))
                for each in element.iterfind("resource"):
                    found[_plain(each)].append((each, inner))
            case "clone":
                kind = "promotable" if element.get("multi_state") == "true" else "clone"
                yield from _within(element, _inside(element, around, kind=kind))
            case "bundle":
                yield _bundle(element, around)
    for name, instances in found.items():
        yield _service(name, [element for element, _ in instances], instances[0][1])


def _inside(element: etree._Element, around: _Around, *, kind: str = "", group: str = "") -> _Around:
    return _Around(
        kind=kind or around.kind,
        parents=(*around.parents, _plain(element)),
        group=group or around.group,
        target_role=element.get("target_role", around.target_role),
        maintenance=around.maintenance or element.get("maintenance") == "true",
    )


def _plain(element: etree._Element) -> str:
    """The id without the number of the instance."""
    return element.get("id", "").split(":")[0]


def _service(name: str, instances: list[etree._Element], around: _Around) -> Service:
    return Service(
        id=name,
        kind=around.kind,
        agent=instances[0].get("resource_agent", ""),
        placements=_placements([(each, {}) for each in instances]),
        parents=around.parents,
        group=around.group,
        stopped_instances=sum(each.find("node") is None for each in instances),
        managed=all(each.get("managed") == "true" for each in instances),
        failed=_any(instances, "failed"),
        blocked=_any(instances, "blocked"),
        orphaned=_any(instances, "orphaned"),
        maintenance=around.maintenance or _any(instances, "maintenance"),
        pending=tuple(sorted({each.get("pending", "") for each in instances} - {""})),
        target_role=role(instances[0].get("target_role") or around.target_role),
    )


def _any(instances: list[etree._Element], flag: str) -> bool:
    return any(each.get(flag) == "true" for each in instances)


def _placements(instances: Sequence[tuple[etree._Element, Mapping[str, str]]]) -> tuple[Placement, ...]:
    """The roles with their nodes; each instance comes with the hosts of the nodes that are containers."""
    nodes: dict[str, set[str]] = defaultdict(set)
    for each, hosts in instances:
        for node in each.iterfind("node"):
            name = node.get("name", "")
            nodes[role(each.get("role", ""))].add(hosts.get(name, name))
    ranked = sorted(nodes, key=lambda each: _ROLES.index(each) if each in _ROLES else len(_ROLES))
    return tuple(Placement(each, tuple(sorted(nodes[each]))) for each in ranked)


def _bundle(bundle: etree._Element, around: _Around) -> Service:
    """A bundle as one service: in its containers' roles, on the nodes that these run on."""
    name, instances = bundle.get("id", ""), []
    resources = list(bundle.iter("resource"))
    inner: list[etree._Element] = []
    for replica in bundle.iterfind("replica"):
        here = list(replica.iterfind("resource"))
        containers = [each for each in here if each.get("resource_agent") in _CONTAINERS]
        guest = f"{name}-{replica.get('id')}"
        where = [str(node.get("name")) for each in containers for node in each.iterfind("node")]
        hosts = {guest: where[0]} if where else {}
        payload = [each for each in here if any(n.get("name") == guest for n in each.iterfind("node"))]
        inner += payload
        instances += [(each, hosts) for each in payload or containers]
    return Service(
        id=name,
        kind="bundle",
        agent=inner[0].get("resource_agent", "") if inner else bundle.get("image", ""),
        placements=_placements(instances),
        parents=around.parents,
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
