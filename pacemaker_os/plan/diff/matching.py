"""Matching of desired with live items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import Problem
from pacemaker_os.plan.diff.item import Inventory, Item, elements


@dataclass(frozen=True, slots=True)
class DesiredItem:
    """An item of a document: `item` with generated ids, `declared` without them."""

    item: Item
    declared: Element

    @property
    def origin(self) -> str:
        """The position in the document, as `file:line:column`; empty if it is unknown."""
        return str(self.declared.origin or "")

    def problem(self, message: str, code: str) -> Problem:
        """Return a problem at the position of the item."""
        origin = self.declared.origin
        if origin is None:
            return Problem("document", 0, 0, message, code)
        return Problem(origin.file, origin.line, origin.column, message, code)


def desired_items(desired: Cib, complete: Inventory) -> list[DesiredItem]:
    """Return the items of a document without cluster-maintained ones. `complete` are its items with ids."""
    pairs = zip(complete.listed, elements(desired), strict=True)
    return [
        DesiredItem(item, declared)
        for item, declared in pairs
        if item.managed_by != "cluster" and _is_effective(item, complete.effective[item.key])
    ]


def _is_effective(item: Item, effective: Item) -> bool:
    """Return whether an item is not a pair whose name a set of higher precedence sets, too."""
    own, other = item.element, effective.element
    return not (isinstance(own, NvPair) and isinstance(other, NvPair)) or own.id == other.id


def match(
    desired: Sequence[DesiredItem],
    live_items: Mapping[str, Item],
    own: Collection[str] = (),
    others: Collection[str] = (),
) -> dict[str, DesiredItem]:
    """Return the desired items by the key of the live item that each of them matches.

    Items match by key. Anonymous items, whose ids are usually generated (constraints), match by meaning
    first: of several equal items, one of the document's `own`, and the ones of `others` last.
    """
    pairs: dict[str, DesiredItem] = {}
    unmatched: list[DesiredItem] = []
    by_meaning: dict[Hashable, list[Item]] = defaultdict(list)
    for item in live_items.values():
        if item.anonymous:
            by_meaning[item.meaning].append(item)
    for each in desired:
        found = by_meaning[each.item.meaning] if each.item.anonymous else []
        same, key = [item for item in found if item.key not in pairs], each.item.key
        if same:
            best = min(same, key=lambda item: (item.key not in own, item.key in others, item.key != key))
            pairs[best.key] = each
        else:
            unmatched.append(each)
    for each in unmatched:
        if each.item.key in live_items:
            pairs.setdefault(each.item.key, each)
    return pairs


def resource_ids(element: Element) -> frozenset[str]:
    """Return the ids of a resource and of those inside it."""
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
    """Return the items that contain at least one of these resources."""
    return [item for item in candidates if resource_ids(item.element) & ids]
