"""Relations between two resources, from constraints, groups, sets and tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import Literal

from lxml import etree

from pacemaker_os.cib.values import boolean, role, score
from pacemaker_os.dataclass import dataclass

_CONSTRAINTS = {"rsc_order", "rsc_colocation"}


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation: `then` starts after `first` (order), or runs on the same node as `first` (colocation).

    If the relation is `mandatory`, `then` never runs without `first`. In a colocation with `apart`, they run
    on different nodes. `action` is the action (start, promote) or the role of `first`. `constraint` is the id
    of the constraint or group.
    """

    kind: Literal["order", "colocation"]
    first: str
    then: str
    mandatory: bool
    constraint: str
    action: str = ""
    apart: bool = False


def read_relations(configuration: etree._Element) -> tuple[Relation, ...]:
    """Return every relation in a `<configuration>`."""
    tags = {
        str(tag.get("id")): [str(each.get("id")) for each in tag.iterfind("obj_ref")]
        for tag in configuration.iterfind("tags/tag")
    }
    found: list[Relation] = []
    for group in configuration.iterfind("resources//group"):
        members = [str(each.get("id")) for each in group.iterfind("primitive")]
        name = str(group.get("id"))
        for first, then in pairwise(members):
            found.append(Relation("order", first, then, True, name, "start"))
            found.append(Relation("colocation", first, then, True, name))
    for constraint in configuration.iterfind("constraints/*"):
        if constraint.tag in _CONSTRAINTS:
            for relation in _READERS[constraint.tag](constraint):
                sides = (tags.get(side, [side]) for side in (relation.first, relation.then))
                found += [replace(relation, first=a, then=b) for a, b in product(*sides) if a != b]
    return tuple(dict.fromkeys(found))


def _order(constraint: etree._Element) -> Iterator[Relation]:
    name = str(constraint.get("id"))
    mandatory = constraint.get("kind", "Mandatory") == "Mandatory" and (
        score(constraint.get("score", "INFINITY")) != 0
    )
    if constraint.get("first"):
        first, then = str(constraint.get("first")), str(constraint.get("then"))
        action = constraint.get("first-action", "start")
        if action in ("start", "promote"):
            yield Relation("order", first, then, mandatory, name, action)
        return
    for first, then, action in _chain(constraint, backwards=False):
        if (action or "start") in ("start", "promote"):
            yield Relation("order", first, then, mandatory, name, action or "start")


def _colocation(constraint: etree._Element) -> Iterator[Relation]:
    name = str(constraint.get("id"))
    rank = score(constraint.get("score", "INFINITY")) or 0
    mandatory, apart = abs(rank) >= 1_000_000, rank < 0
    if constraint.get("rsc"):
        then, first = str(constraint.get("rsc")), str(constraint.get("with-rsc"))
        first_role = _role(constraint.get("with-rsc-role"))
        yield Relation("colocation", first, then, mandatory, name, first_role, apart)
        return
    for first, then, first_role in _chain(constraint, backwards=True):
        yield Relation("colocation", first, then, mandatory, name, _role(first_role), apart)


_READERS = {"rsc_order": _order, "rsc_colocation": _colocation}


def _role(text: str | None) -> str:
    """Return the role, or an empty text for any role."""
    return "" if text in (None, "", "Started") else role(str(text))


def _chain(constraint: etree._Element, *, backwards: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the pairs within each set, and between each set and the next.

    In a colocation, a set runs with the next set, but a member of a set runs with the previous member
    (Pacemaker Explained, "Colocating Sets of Resources").
    """
    sets = [
        (
            [str(ref.get("id")) for ref in each.iterfind("resource_ref")],
            boolean(each.get("sequential", "true")) is not False,
            str(each.get("role" if backwards else "action") or ""),
        )
        for each in constraint.iterfind("resource_set")
    ]
    for members, sequential, qualifier in sets:
        if sequential:
            yield from ((first, then, qualifier) for first, then in pairwise(members))
    for one, other in pairwise(sets):
        earlier, later = (other, one) if backwards else (one, other)
        for first, then in product(_end(earlier, last=True), _end(later, last=False)):
            yield first, then, earlier[2]


def _end(side: tuple[Sequence[str], bool, str], *, last: bool) -> Sequence[str]:
    """Return the members that the relation to the neighboring set applies to."""
    members, sequential, _ = side
    if not sequential:
        return members
    return members[-1:] if last else members[:1]
