"""Which wanted item is which live one, and what leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.ids import assign
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive
from pacemaker_os.errors import Problem
from pacemaker_os.plan.diff.item import Item, elements, listed


@dataclass(frozen=True, slots=True)
class DesiredItem:
    """An item of a document: with the ids it would be given, and as it was said."""

    item: Item
    said: Element

    @property
    def origin(self) -> str:
        """The place in the document, as `file:line:column`; empty when nobody knows."""
        return str(self.said.origin or "")

    def problem(self, message: str, code: str) -> Problem:
        """What is wrong with it, at its place."""
        origin = self.said.origin
        if origin is None:
            return Problem("document", 0, 0, message, code)
        return Problem(origin.file, origin.line, origin.column, message, code)


def desired_items(desired: Cib) -> list[DesiredItem]:
    """What a document says, without what only the cluster itself has a say in."""
    pairs = zip(listed(assign(desired)), elements(desired), strict=True)
    return [DesiredItem(item, said) for item, said in pairs if item.managed_by != "cluster"]


def match(wanted: Sequence[DesiredItem], olds: Mapping[str, Item]) -> dict[str, DesiredItem]:
    """Pair what is wanted with what is: the live item's key leads to the wanted item.

    What people call by its id is found by it. A constraint, whose id mostly nobody chose, is found by
    what it means, and only then by its id.
    """
    pairs: dict[str, DesiredItem] = {}
    left: list[DesiredItem] = []
    alike: dict[Hashable, list[Item]] = defaultdict(list)
    for old in olds.values():
        if old.anonymous:
            alike[old.meaning].append(old)
    for each in wanted:
        same = (
            [old for old in alike[each.item.meaning] if old.key not in pairs] if each.item.anonymous else []
        )
        if same:
            best = next((old for old in same if old.key == each.item.key), same[0])
            pairs[best.key] = each
        else:
            left.append(each)
    for each in left:
        if each.item.key in olds:
            pairs.setdefault(each.item.key, each)
    return pairs


def resource_ids(element: Element) -> frozenset[str]:
    """The ids of a resource and of those inside it."""
    return frozenset(_resource_ids(element))


def _resource_ids(element: Element | None) -> Iterator[str]:
    match element:
        case Primitive():
            yield element.id or ""
        case Group():
            yield element.id or ""
            for member in element.members:
                yield from _resource_ids(member)
        case Clone():
            yield element.id or ""
            yield from _resource_ids(element.child)
        case Bundle():
            yield element.id or ""
            yield from _resource_ids(element.primitive)


def holding(ids: frozenset[str], candidates: Iterable[Item]) -> list[Item]:
    """The items that hold one of the resources."""
    return [item for item in candidates if resource_ids(item.element) & ids]
