"""Boxes: services that nothing tells apart in one, and those that only follow each other in one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pacemaker_os.render.graph.model import Graph, Unit
from pacemaker_os.render.graph.reduce import Line, reduce


@dataclass(frozen=True, slots=True)
class Box:
    """Units drawn as one. `series`: they start one after the other; else they are alike."""

    units: tuple[Unit, ...]
    series: bool = False

    @property
    def name(self) -> str:
        """What lines call it."""
        return self.units[0].id


#: The boxes of a picture, and the lines between them.
Layout = tuple[tuple[Box, ...], tuple[Line, ...]]


def singly(graph: Graph) -> Layout:
    """A box for each unit."""
    return tuple(Box((unit,)) for unit in graph.units), reduce(graph.relations)


def folded(graph: Graph) -> Layout:
    """As few boxes as say the same."""
    return _in_series(*_alike(*singly(graph), graph), graph)


def _look(unit: Unit, graph: Graph) -> tuple[object, ...]:
    """What can be seen of a unit beside its name."""
    impact = graph.impacts.get(unit.id)
    return unit.kind, unit.placements, impact.impact if impact else "", unit.id in graph.critical


def _alike(found: Iterable[Box], lines: Iterable[Line], graph: Graph) -> Layout:
    """Units that look alike but for where they run, and have the same lines, in one box."""
    ends: dict[str, set[tuple[str, str, str, str]]] = defaultdict(set)
    for line in lines:
        ends[line.then].add(("from", line.first, line.after, line.beside))
        ends[line.first].add(("to", line.then, line.after, line.beside))
    groups: dict[object, list[Unit]] = defaultdict(list)
    for box in found:
        unit = box.units[0]
        impact = graph.impacts.get(unit.id)
        look = (unit.kind, len(unit.nodes), impact.impact if impact else "")
        groups[look, frozenset(ends[unit.id]) or unit.nodes].append(unit)
    made = [Box(tuple(units)) for units in groups.values()]
    kept = {box.name for box in made}
    return tuple(made), tuple(line for line in lines if line.first in kept and line.then in kept)


def _in_series(found: Sequence[Box], lines: Sequence[Line], graph: Graph) -> Layout:
    """Single units of which each has the next one alone after it, and looks the same, in one box."""
    single = {box.name: box.units[0] for box in found if len(box.units) == 1}
    leaving, coming = Counter(line.first for line in lines), Counter(line.then for line in lines)
    follows = {
        line.first: line.then
        for line in lines
        if line.after
        and (leaving[line.first], coming[line.then]) == (1, 1)
        and line.first in single
        and line.then in single
        and _look(single[line.first], graph) == _look(single[line.then], graph)
    }
    inside = set(follows.values())
    made, home = [], {}
    for box in found:
        if box.name in inside:
            continue
        units = list(box.units)
        while (following := follows.get(units[-1].id)) is not None:
            units.append(single[following])
            home[following] = box.name
        made.append(Box(tuple(units), series=True) if len(units) > len(box.units) else box)
    # Orders that go round in a circle have no beginning: they are drawn one by one.
    made += [box for box in found if box.name in inside and box.name not in home]
    moved = (
        replace(line, first=home.get(line.first, line.first), then=home.get(line.then, line.then))
        for line in lines
    )
    return tuple(made), tuple(dict.fromkeys(line for line in moved if line.first != line.then))
