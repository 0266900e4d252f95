"""Reduce relations to lines: without relations that follow from others, and one line per pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pacemaker_os.cib.tree.relations import Relation
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the drawing from `first` to `then`.

    `order`: mandatory, optional or empty; `colocation`: mandatory, preferred, apart or empty. The line does
    not show the direction of a colocation: in both directions, the services run on the same node.
    """

    first: str
    then: str
    order: str = ""
    colocation: str = ""


def reduce(relations: Iterable[Relation]) -> tuple[Line, ...]:
    """Return one line per pair, without orders and colocations that follow from others."""
    relations = list(relations)
    orders = {(each.first, each.then): each.mandatory for each in relations if each.kind == "order"}
    together = {
        (each.first, each.then): each for each in relations if each.kind == "colocation" and not each.apart
    }
    apart = {(each.first, each.then): each for each in relations if each.kind == "colocation" and each.apart}
    order = {pair: "mandatory" if orders[pair] else "optional" for pair in _needed(orders)}
    colocation = {
        pair: "mandatory" if together[pair].mandatory else "preferred" for pair in _needed(together)
    }
    colocation |= dict.fromkeys(apart, "apart")
    lines = []
    for first, then in order:
        near = colocation.pop((first, then), "") or colocation.pop((then, first), "")
        lines.append(Line(first, then, order[first, then], near))
    return (*lines, *(Line(first, then, "", near) for (first, then), near in colocation.items()))


def _needed(pairs: Mapping[tuple[str, str], object]) -> list[tuple[str, str]]:
    """Return the pairs that are not a shortcut of a longer path (the transitive reduction).

    Shortcuts are removed one by one, so that a cycle keeps enough pairs to connect its members.
    """
    ahead: dict[str, set[str]] = defaultdict(set)
    for first, then in pairs:
        ahead[first].add(then)
    for first, then in pairs:
        if _reaches(ahead, first, then):
            ahead[first].remove(then)
    return [(first, then) for first, then in pairs if then in ahead[first]]


def _reaches(ahead: Mapping[str, set[str]], first: str, then: str) -> bool:
    """Return whether a path other than the direct one leads from `first` to `then`."""
    seen, waiting = {first}, [each for each in ahead.get(first, ()) if each != then]
    while waiting:
        name = waiting.pop()
        if name == then:
            return True
        if name not in seen:
            seen.add(name)
            waiting += ahead.get(name, ())
    return False
