"""Check for cycles of mandatory orders, including the order of the members of groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Order
from pacemaker_os.cib.resources import Clone, Group
from pacemaker_os.cib.values import boolean, score
from pacemaker_os.document.checks.finding import START, LintFinding

#: A point in the start of a resource: its name, and whether its start begins. A group, and a clone, begins
#: before its first member starts, and ends after its last member has started.
Point = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class _Edge:
    """An order of two points. `constraint` is None for the order of the members of a group."""

    to: Point
    constraint: Order | None


class _Starts:
    """The order in which a configuration starts its resources."""

    def __init__(self, cib: Cib) -> None:
        self.edges: dict[Point, list[_Edge]] = {}
        self._collective: set[str] = set()
        for resource in cib.resources:
            self._add_resource(resource)
        for order in cib.constraints:
            if isinstance(order, Order) and _is_mandatory(order):
                for before, after in _steps(order):
                    self._add(self._end(before), (after, True), order)

    def _add_resource(self, resource: Element) -> None:
        if isinstance(resource, Clone) and resource.child is not None:
            self._add_resource(resource.child)
            self._enclose(resource.id or "", [resource.child.id or ""])
        elif isinstance(resource, Group):
            self._enclose(resource.id or "", [each.id or "" for each in resource.members])
            if not _is_unordered(resource):
                for one, other in pairwise(resource.members):
                    self._add(self._end(one.id or ""), (other.id or "", True), None)

    def _enclose(self, name: str, members: list[str]) -> None:
        self._collective.add(name)
        for member in members:
            self._add((name, True), (member, True), None)
            self._add(self._end(member), (name, False), None)

    def _end(self, name: str) -> Point:
        return (name, name not in self._collective)

    def _add(self, before: Point, after: Point, constraint: Order | None) -> None:
        self.edges.setdefault(before, []).append(_Edge(after, constraint))


def check_cycles(cib: Cib) -> Iterator[LintFinding]:
    """Yield cycles of mandatory orders; none of their resources can start."""
    edges = _Starts(cib).edges
    done: set[Point] = set()
    for start in list(edges):
        if start not in done:
            yield from _cycle_from(start, edges, done)


def _cycle_from(start: Point, edges: dict[Point, list[_Edge]], done: set[Point]) -> Iterator[LintFinding]:
    """Search from `start` with an explicit stack, because chains of orders can have thousands of steps."""
    path: list[tuple[Point, Order | None]] = [(start, None)]
    on_path = {start}
    stack = [iter(edges.get(start, ()))]
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            last, _ = path.pop()
            on_path.discard(last)
            done.add(last)
        elif edge.to in on_path:
            begin = next(at for at, (point, _) in enumerate(path) if point == edge.to)
            cycle = [*path[begin:], (edge.to, edge.constraint)]
            constraints = [constraint for _, constraint in cycle[1:] if constraint is not None]
            message = f"ordering cycle: {_text(cycle)}; none of these resources can start"
            origin = constraints[-1].origin if constraints else None
            yield LintFinding(origin or START, message, "order-cycle")
        elif edge.to not in done:
            path.append((edge.to, edge.constraint))
            on_path.add(edge.to)
            stack.append(iter(edges.get(edge.to, ())))


def _text(cycle: list[tuple[Point, Order | None]]) -> str:
    """Return the resources of a cycle, without repetitions of one resource."""
    names = [name for (name, _), _ in cycle]
    short = [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]
    return " then ".join(short if len(short) > 1 else names)


def _is_unordered(group: Group) -> bool:
    return any(
        pair.name == "ordered" and boolean(pair.value or "") is False
        for nvset in group.meta_attributes
        for pair in nvset.nvpairs
    )


def _is_mandatory(order: Order) -> bool:
    if order.kind is not None:
        return order.kind == "Mandatory"
    return score(order.score or "INFINITY") != 0


def _steps(order: Order) -> Iterator[tuple[str, str]]:
    """Yield pairs of resources of which the first starts first; other actions do not delay a start."""
    if order.sets:
        if any(each.action not in (None, "start") for each in order.sets):
            return
        groups: list[list[str]] = []
        for each in order.sets:
            members = [member.id or "" for member in each.members]
            sequential = boolean(each.sequential or "true")
            groups += [[member] for member in members] if sequential else [members]
        for earlier, later in pairwise(groups):
            yield from ((a, b) for a in earlier for b in later)
    elif order.first and order.then:
        first = order.first_action or "start"
        if first in ("start", "promote") and (order.then_action or first) in ("start", "promote"):
            yield order.first, order.then
