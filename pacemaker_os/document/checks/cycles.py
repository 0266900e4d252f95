"""Check for cycles of mandatory orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pacemaker_os.cib import Cib
from pacemaker_os.cib.constraints import Order
from pacemaker_os.cib.values import boolean, score
from pacemaker_os.document.checks.finding import START, LintFinding


def check_cycles(cib: Cib) -> Iterator[LintFinding]:
    """Yield cycles of mandatory orders; none of their resources can start."""
    edges: dict[str, list[tuple[str, Order]]] = {}
    for order in cib.constraints:
        if isinstance(order, Order) and _mandatory(order):
            for before, after in _steps(order):
                edges.setdefault(before, []).append((after, order))
    done: set[str] = set()
    for start in edges:
        if start not in done:
            yield from _cycle_from(start, edges, done)


def _cycle_from(
    start: str, edges: dict[str, list[tuple[str, Order]]], done: set[str]
) -> Iterator[LintFinding]:
    """Search from `start` with an explicit stack, because chains of orders can have thousands of steps."""
    path: list[str] = [start]
    on_path = {start}
    stack = [iter(edges.get(start, ()))]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            last = path.pop()
            on_path.discard(last)
            done.add(last)
            continue
        after, order = step
        if after in on_path:
            cycle = " then ".join([*path[path.index(after) :], after])
            message = f"ordering cycle: {cycle}; none of these resources can start"
            yield LintFinding(order.origin or START, message, "order-cycle")
        elif after not in done:
            path.append(after)
            on_path.add(after)
            stack.append(iter(edges.get(after, ())))


def _mandatory(order: Order) -> bool:
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
