"""The model of a drawing: nodes, services by their outermost resource, and constraints between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from lxml import etree

from pacemaker_os.cib.tree.relations import Relation, read_relations
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.dataclass import dataclass
from pacemaker_os.render.graph.critical import critical_path
from pacemaker_os.status.impact import Impact
from pacemaker_os.status.values import Node, Placement, Service, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One resource of a drawing: a primitive, a clone, a group or a bundle.

    `seconds` is the longest duration of its last start on any node, if the CIB status has one.
    """

    id: str
    kind: str
    members: tuple[str, ...] = ()
    placements: tuple[Placement, ...] = ()
    seconds: float = 0.0

    @property
    def nodes(self) -> frozenset[str]:
        """Return the nodes where the unit runs."""
        return frozenset(node for placement in self.placements for node in placement.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The graph of a cluster. `relations` are between units; `critical` is the critical path of a start.

    `impacts` are the impacts on units when the nodes `failed_nodes` fail.
    """

    cluster: str
    nodes: tuple[Node, ...]
    units: tuple[Unit, ...]
    relations: tuple[Relation, ...]
    critical: tuple[str, ...] = ()
    failed_nodes: tuple[str, ...] = ()
    impacts: Mapping[str, Impact] = field(default_factory=dict)


def draw(
    cib: etree._Element, state: State, *, failed_nodes: Iterable[str] = (), impacts: Iterable[Impact] = ()
) -> Graph:
    """Return the graph of a `<cib>`, with the placements in `state`."""
    configuration = cib.find("configuration")
    assert configuration is not None
    names: dict[str, str] = {}
    units = []
    for element in configuration.iterfind("resources/*"):
        if element.tag not in RESOURCE_TAGS:
            continue
        ids = [str(each.get("id")) for each in element.iter(*RESOURCE_TAGS)]
        unit = _unit(element, ids, state, cib)
        units.append(unit)
        names |= dict.fromkeys(ids, unit.id)
    relations = _between(read_relations(configuration), names)
    weights = {unit.id: unit.seconds for unit in units}
    found = {impact.service: impact for impact in impacts}
    return Graph(
        cluster=state.cluster,
        nodes=state.nodes,
        units=tuple(units),
        relations=relations,
        critical=critical_path(weights, relations),
        failed_nodes=tuple(failed_nodes),
        impacts={unit.id: impact for unit in units if (impact := _worst(unit, found)) is not None},
    )


def _unit(element: etree._Element, ids: list[str], state: State, cib: etree._Element) -> Unit:
    primitives = [str(each.get("id")) for each in element.iter("primitive")]
    services = [service for service in state.services if service.names & set(ids)]
    group = element.tag == "group" or element.find("group") is not None
    # As in documents, a clone has the name of the cloned resource.
    name = ids[0] if element.tag in ("group", "bundle") else ids[1] if group else primitives[0]
    kind = "group" if group else services[0].kind if services else element.tag
    return Unit(
        id=name,
        kind=kind,
        members=tuple(primitives) if group else (),
        placements=_placements(services),
        seconds=sum(_start(primitive, cib) for primitive in primitives),
    )


def _placements(services: list[Service]) -> tuple[Placement, ...]:
    """Return the placements of a unit; for a group, those of all members."""
    found: dict[str, set[str]] = {}
    for service in services:
        for placement in service.placements:
            found.setdefault(placement.role, set()).update(placement.nodes)
    return tuple(Placement(role, tuple(sorted(nodes))) for role, nodes in found.items())


def _start(primitive: str, cib: etree._Element) -> float:
    """Return the longest duration of the last start of a primitive on any node, in seconds."""
    times = [
        int(operation.get("exec-time") or 0) / 1000
        for resource in cib.iterfind("status/node_state/lrm/lrm_resources/lrm_resource")
        if resource.get("id", "").split(":")[0] == primitive
        for operation in resource.iterfind("lrm_rsc_op[@operation='start']")
        if operation.get("rc-code") == "0"
    ]
    return max(times, default=0.0)


def _between(relations: Iterable[Relation], names: Mapping[str, str]) -> tuple[Relation, ...]:
    """Return the relations between units, each once, without those inside a unit or to unknown resources."""
    found: dict[tuple[str, str, str, bool], Relation] = {}
    for each in relations:
        first, then = names.get(each.first), names.get(each.then)
        if first is None or then is None or first == then:
            continue
        key = (each.kind, first, then, each.apart)
        if key not in found or (each.mandatory and not found[key].mandatory):
            found[key] = Relation(
                each.kind, first, then, each.mandatory, each.constraint, each.action, each.apart
            )
    return tuple(found.values())


def _worst(unit: Unit, impacts: Mapping[str, Impact]) -> Impact | None:
    """Return the impact on a unit; for a group, the most severe impact on a member."""
    found = [impacts[name] for name in (unit.id, *unit.members) if name in impacts]
    return min(found, key=lambda impact: impact.rank, default=None)
