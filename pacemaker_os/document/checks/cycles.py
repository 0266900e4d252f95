"""Check for cycles of orders, including the order of the members of groups."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Order
from pacemaker_os.cib.resources import Clone, Group
from pacemaker_os.cib.values import boolean, score
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.checks.finding import START, LintFinding

#: A point in the start of a resource: its name, and the point. A group, and a clone, begins before its first
#: member starts, and ends after its last member has started. Instances are promoted after that.
Point = tuple[str, str]

_BEGIN, _END, _PROMOTE = "begin", "end", "promote"

#: The action that the reverse of a symmetrical order has in place of another action.
_REVERSE = {"stop": "start", "demote": "promote"}


@dataclass(frozen=True, slots=True)
class _Edge:
    """An order of two points. `constraint` is None for the order of the members of a group."""

    to: Point
    constraint: Order | None


class _Starts:
    """The order in which a configuration starts its resources."""

    def __init__(self, cib: Cib, *, optional: bool) -> None:
        self.edges: dict[Point, list[_Edge]] = {}
        self._collective: set[str] = set()
        self._inner: set[str] = set()
        for resource in cib.resources:
            self._add_resource(resource)
        tags = {tag.id or "": [member.id or "" for member in tag.members] for tag in cib.tags}
        for order in cib.constraints:
            if isinstance(order, Order) and (optional or _is_mandatory(order)):
                for (one, first), (other, then) in _steps(order):
                    # A tag stands for its resources. Pacemaker ignores orders of resources inside clones.
                    for before, after in product(tags.get(one, (one,)), tags.get(other, (other,))):
                        if not {before, after} & self._inner:
                            self._add(
                                self._point(before, first, _END), self._point(after, then, _BEGIN), order
                            )

    def _add_resource(self, resource: Element) -> None:
        if isinstance(resource, Clone) and resource.child is not None:
            self._add_resource(resource.child)
            members = resource.child.members if isinstance(resource.child, Group) else ()
            self._inner |= {each.id or "" for each in (resource.child, *members)}
            self._enclose(resource.id or "", [resource.child.id or ""])
        elif isinstance(resource, Group):
            self._enclose(resource.id or "", [each.id or "" for each in resource.members])
            if not _is_unordered(resource):
                for one, other in pairwise(resource.members):
                    self._add(self._end(one.id or ""), (other.id or "", _BEGIN), None)

    def _enclose(self, name: str, members: list[str]) -> None:
        self._collective.add(name)
        for member in members:
            self._add((name, _BEGIN), (member, _BEGIN), None)
            self._add(self._end(member), (name, _END), None)

    def _end(self, name: str) -> Point:
        return (name, _END if name in self._collective else _BEGIN)

    def _point(self, name: str, action: str, side: str) -> Point:
        if action == "promote":
            self._add(self._end(name), (name, _PROMOTE), None)
            return (name, _PROMOTE)
        return self._end(name) if side == _END else (name, _BEGIN)

    def _add(self, before: Point, after: Point, constraint: Order | None) -> None:
        self.edges.setdefault(before, []).append(_Edge(after, constraint))


def check_cycles(cib: Cib) -> Iterator[LintFinding]:
    """Yield cycles of orders; none of their resources can start.

    Pacemaker does not break a cycle of optional orders either. These only apply to resources that start in
    the same transition, so such cycles are warnings, reported only if no cycle of mandatory orders exists.
    """
    found = False
    for each in _cycles(_Starts(cib, optional=False).edges):
        found = True
        yield _finding(each, "none of these resources can start", is_warning=False)
    if not found:
        for each in _cycles(_Starts(cib, optional=True).edges):
            yield _finding(each, "none of these resources can start while all are stopped", is_warning=True)


def _finding(cycle: list[tuple[Point, Order | None]], effect: str, *, is_warning: bool) -> LintFinding:
    constraints = [constraint for _, constraint in cycle[1:] if constraint is not None]
    origin = constraints[-1].origin if constraints else None
    return LintFinding(
        origin or START, f"ordering cycle: {_text(cycle)}; {effect}", "order-cycle", is_warning=is_warning
    )


def _cycles(edges: dict[Point, list[_Edge]]) -> Iterator[list[tuple[Point, Order | None]]]:
    done: set[Point] = set()
    for start in list(edges):
        if start not in done:
            yield from _cycle_from(start, edges, done)


def _cycle_from(
    start: Point, edges: dict[Point, list[_Edge]], done: set[Point]
) -> Iterator[list[tuple[Point, Order | None]]]:
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
            yield [*path[begin:], (edge.to, edge.constraint)]
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


def _is_symmetrical(order: Order) -> bool:
    """Return whether an order has a reverse; by default, all except those of the kind Serialize have one."""
    if order.symmetrical is not None:
        return boolean(order.symmetrical) is not False
    return order.kind != "Serialize"


#: A resource and an action.
Step = tuple[str, str]


def _steps(order: Order) -> Iterator[tuple[Step, Step]]:
    """Yield pairs of starts and promotions of which the first comes first.

    An order of stops or demotions is, in reverse, one of starts or promotions.
    """
    for first, then in _pairs(order):
        if first[1] in _REVERSE and then[1] in _REVERSE and _is_symmetrical(order):
            yield (then[0], _REVERSE[then[1]]), (first[0], _REVERSE[first[1]])
        elif first[1] not in _REVERSE and then[1] not in _REVERSE:
            yield first, then


def _pairs(order: Order) -> Iterator[tuple[Step, Step]]:
    if order.sets:
        groups: list[list[Step]] = []
        for each in order.sets:
            members = [(member.id or "", each.action or "start") for member in each.members]
            sequential = boolean(each.sequential or "true")
            groups += [[member] for member in members] if sequential else [members]
        for earlier, later in pairwise(groups):
            yield from ((a, b) for a in earlier for b in later)
    elif order.first and order.then:
        first = order.first_action or "start"
        yield (order.first, first), (order.then, order.then_action or first)
