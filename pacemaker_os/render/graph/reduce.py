"""Fewer lines that say the same: what follows from other lines, and what two lines say of one pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pacemaker_os.cib.tree.relations import Relation


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the picture from `first` to `then`.

    `after`: mandatory, optional or nothing; `beside`: mandatory, preferred, apart or nothing. A colocation
    has a direction of its own, which the line does not show: either way both are on one node.
    """

    first: str
    then: str
    after: str = ""
    beside: str = ""


def reduce(relations: Iterable[Relation]) -> tuple[Line, ...]:
    """One line for each pair, without the orders and colocations that follow from others."""
    relations = list(relations)
    orders = {(each.first, each.then): each.mandatory for each in relations if each.kind == "order"}
    together = {
        (each.first, each.then): each for each in relations if each.kind == "colocation" and not each.apart
    }
    apart = {(each.first, each.then): each for each in relations if each.kind == "colocation" and each.apart}
    after = {pair: "mandatory" if orders[pair] else "optional" for pair in _needed(orders)}
    beside = {pair: "mandatory" if together[pair].mandatory else "preferred" for pair in _needed(together)}
    beside |= dict.fromkeys(apart, "apart")
    lines = []
    for first, then in after:
        near = beside.pop((first, then), "") or beside.pop((then, first), "")
        lines.append(Line(first, then, after[first, then], near))
    return (*lines, *(Line(first, then, "", near) for (first, then), near in beside.items()))


def _needed(pairs: Mapping[tuple[str, str], object]) -> list[tuple[str, str]]:
    """The pairs that are no shortcut of a longer way: the transitive reduction.

    One after the other, so that of a circle in which each follows from the others enough is left.
    """
    ahead: dict[str, set[str]] = defaultdict(set)
    for first, then in pairs:
        ahead[first].add(then)
    for first, then in pairs:
        if _reaches(ahead, first, then):
            ahead[first].remove(then)
    return [(first, then) for first, then in pairs if then in ahead[first]]


def _reaches(ahead: Mapping[str, set[str]], first: str, then: str) -> bool:
    """Whether a way other than the direct one leads from `first` to `then`."""
    seen, waiting = {first}, [each for each in ahead.get(first, ()) if each != then]
    while waiting:
        name = waiting.pop()
        if name == then:
            return True
        if name not in seen:
            seen.add(name)
            waiting += ahead.get(name, ())
    return False
