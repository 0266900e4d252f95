"""Boxes of a graph: equal services share a box, and so do services that only start one after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pacemaker_os.dataclass import dataclass
from pacemaker_os.render.graph.model import Graph, Unit
from pacemaker_os.render.graph.reduce import Line, reduce


@dataclass(frozen=True, slots=True)
class Box:
    """Units that are drawn as one box. `series`: they start one after the other; otherwise they are equal."""

    units: tuple[Unit, ...]
    series: bool = False

    @property
    def name(self) -> str:
        """Return the name that lines refer to."""
        return self.units[0].id


#: The boxes of a drawing, and the lines between them.
Layout = tuple[tuple[Box, ...], tuple[Line, ...]]


def separate_boxes(graph: Graph) -> Layout:
    """Return one box per unit."""
    return tuple(Box((unit,)) for unit in graph.units), reduce(graph.relations)


def merged_boxes(graph: Graph) -> Layout:
    """Return as few boxes as possible without loss of information."""
    return _merge_series(*_merge_equal(*separate_boxes(graph), graph), graph)


def _appearance(unit: Unit, graph: Graph) -> tuple[object, ...]:
    """Return everything that the drawing shows of a unit, except its name."""
    impact = graph.impacts.get(unit.id)
    return unit.kind, unit.placements, impact.impact if impact else "", unit.id in graph.critical


def _merge_equal(found: Iterable[Box], lines: Iterable[Line], graph: Graph) -> Layout:
    """Merge units that differ only in their nodes and have the same lines."""
    ends: dict[str, set[tuple[str, str, str, str]]] = defaultdict(set)
    for line in lines:
        ends[line.then].add(("from", line.first, line.order, line.colocation))
        ends[line.first].add(("to", line.then, line.order, line.colocation))
    groups: dict[object, list[Unit]] = defaultdict(list)
    for box in found:
        unit = box.units[0]
        impact = graph.impacts.get(unit.id)
        appearance = (unit.kind, len(unit.nodes), impact.impact if impact else "")
        groups[appearance, frozenset(ends[unit.id]) or unit.nodes].append(unit)
    made = [Box(tuple(units)) for units in groups.values()]
    names = {box.name for box in made}
    return tuple(made), tuple(line for line in lines if line.first in names and line.then in names)


def _merge_series(found: Sequence[Box], lines: Sequence[Line], graph: Graph) -> Layout:
    """Merge units that only start one after the other and have the same appearance."""
    single = {box.name: box.units[0] for box in found if len(box.units) == 1}
    outgoing, incoming = Counter(line.first for line in lines), Counter(line.then for line in lines)
    successors = {
        line.first: line.then
        for line in lines
        if line.order
        and (outgoing[line.first], incoming[line.then]) == (1, 1)
        and line.first in single
        and line.then in single
        and _appearance(single[line.first], graph) == _appearance(single[line.then], graph)
    }
    inside = set(successors.values())
    made, box_of = [], {}
    for box in found:
        if box.name in inside:
            continue
        units = list(box.units)
        while (successor := successors.get(units[-1].id)) is not None:
            units.append(single[successor])
            box_of[successor] = box.name
        made.append(Box(tuple(units), series=True) if len(units) > len(box.units) else box)
    # A cycle of orders has no first unit, so its units have separate boxes.
    made += [box for box in found if box.name in inside and box.name not in box_of]
    redirected = (
        replace(line, first=box_of.get(line.first, line.first), then=box_of.get(line.then, line.then))
        for line in lines
    )
    return tuple(made), tuple(dict.fromkeys(line for line in redirected if line.first != line.then))
