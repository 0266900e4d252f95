"""Creation of configuration changes, with the exact XML of live elements and ids for new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.agent_utilization import (
    templates_of,
    with_written_utilization,
    without_written_utilization,
)
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import declared_overrides, without_overrides
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cib.xml import to_element
from pacemaker_os.document.difference import Difference, differences
from pacemaker_os.plan.diff.carried import Carried, with_carried, without_ids
from pacemaker_os.plan.diff.change import ConfigChange, Step
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem
from pacemaker_os.plan.diff.merge import merge
from pacemaker_os.plan.diff.parent_paths import ParentPaths
from pacemaker_os.plan.diff.source_position import nearest_position


class Writer:
    """Creates the changes of one comparison."""

    def __init__(
        self,
        live: Cib,
        desired: Cib,
        live_items: Mapping[str, Item],
        removed: Mapping[str, Item],
        tree: etree._Element | None,
        carried: Carried,
        *,
        new_nodes: bool,
        released: Collection[tuple[str, str]] = (),
    ) -> None:
        configuration = live.to_element() if tree is None else tree
        self._elements = {
            (parent.tag, child.get("id")): child
            for parent in configuration.iter()
            for child in parent
            if isinstance(child.tag, str) and child.get("id") is not None
        }
        freed = set().union(*(taken(item.element) for item in removed.values()))
        self._taken = live.taken_ids() - freed
        self._ids = Ids(self._taken | desired.taken_ids())
        self._templates = {**templates_of(live.resources), **templates_of(desired.resources)}
        self._carried, self._released = carried, released
        self._parents = ParentPaths(live, desired, live_items.values(), new_nodes=new_nodes)

    def add(self, desired: DesiredItem) -> ConfigChange:
        """Return the change that adds a desired item.

        Raises:
            UnknownNode: The item belongs to a node that the cluster does not have.
        """
        path = self._parents.of(desired.item)
        return self._change(desired.item, path, None, self._with_ids(desired, path), desired.origin)

    def _with_ids(self, desired: DesiredItem, path: tuple[Step, ...]) -> Element:
        """Return the element with its own ids, or with new ones if the cluster uses one of them."""
        ids = taken(desired.item.element)
        if desired.item.section == "resources":
            declared = _with_id(desired)
            element = with_carried(declared, self._carried, keep_ids=False)
            if element != declared:
                return self._ids.complete(element, _parent_id(path))
        if isinstance(desired.declared, NvPair) or not self._taken.isdisjoint(ids):
            return self._ids.complete(desired.declared, _parent_id(path))
        for identifier in ids:
            self._ids.unique(identifier)
        return desired.item.element

    def change(self, live: Item, desired: DesiredItem) -> ConfigChange | None:
        """Return the change of a live item, or None if both items mean the same."""
        if live.meaning == desired.item.meaning:
            return None
        wanted: Any = desired.declared
        if live.section == "resources":
            declared = {*declared_overrides([desired.item.element]), *self._released}
            plain = without_written_utilization(live.element, self._templates)
            if meaning(without_overrides(plain, declared)) == desired.item.meaning:
                return None
            wanted = with_written_utilization(wanted, live.element, self._templates)
        merged: Any = merge(wanted, live.element)
        if live.section == "resources":
            merged = with_carried(replace(merged, id=live.name), self._carried, keep_ids=True)
        new = self._ids.complete(merged, _parent_id(live.parent_path))
        change = self._change(live, live.parent_path, live, new, desired.origin)
        position = nearest_position(desired.declared, change.details)
        return replace(change, origin=position or desired.origin)

    def raise_precedence(self, live: Item | None, desired: DesiredItem) -> list[ConfigChange]:
        """Return the changes that put a set, or a pair in a new set, behind all other sets.

        Raises:
            UnknownNode: The item belongs to a node that the cluster does not have.
        """
        removal = [] if live is None else [replace(self.remove(live), before=self._follower(live))]
        if not isinstance(desired.declared, NvPair):
            path = self._parents.of(desired.item) if live is None else live.parent_path
            merged: Any = desired.declared if live is None else merge(desired.declared, live.element)
            new = self._ids.complete(merged, _parent_id(path))
            added = self._change(desired.item if live is None else live, path, None, new, desired.origin)
            return [*removal, added]
        path = self._parents.of_new_set(desired.item, self._ids)
        pair = self._ids.complete(desired.declared, _parent_id(path))
        return [*removal, self._change(desired.item, path, None, pair, desired.origin)]

    def _follower(self, item: Item) -> str:
        """Return the id of the element that follows an item, or an empty text."""
        element = self._elements.get((item.parent_path[-1][0], getattr(item.element, "id", None)))
        following = None if element is None else element.getnext()
        return "" if following is None else str(following.get("id", ""))

    def copy(self, live: Item, replacements: Iterable[Element]) -> Iterator[ConfigChange]:
        """Yield the changes that add the copies of a ban or move for other resources."""
        for each in replacements:
            free: Any = each if self._taken.isdisjoint(taken(each)) else without_ids(each)
            new = self._ids.complete(free)
            change = self._change(live, live.parent_path, None, new, "")
            yield replace(change, key=f"{new.tag}:{new.id}", name=str(new.id))

    def remove(self, live: Item) -> ConfigChange:
        """Return the change that removes a live item."""
        return self._change(live, live.parent_path, live, None, "")

    def _change(
        self, item: Item, path: tuple[Step, ...], old: Item | None, new: Element | None, origin: str
    ) -> ConfigChange:
        name = str(getattr(new, "id", "") or "") if item.anonymous and new is not None else item.name
        return ConfigChange(
            key=f"{item.element.tag}:{name}" if item.anonymous else item.key,
            kind=item.kind,
            name=name,
            parent_path=path,
            old=None if old is None else self._live_text(old),
            new=None if new is None else to_text(to_element(new)),
            details=_details(None if old is None else old.element, new),
            origin=origin,
        )

    def _live_text(self, item: Item) -> str:
        parent, identifier = item.parent_path[-1][0], getattr(item.element, "id", None)
        element = self._elements.get((parent, identifier))
        return to_text(to_element(item.element) if element is None else element)


def _with_id(desired: DesiredItem) -> Element:
    """Return the declared element with its id. The document may leave the id of a clone to its child."""
    declared: Any = desired.declared
    result: Element = replace(declared, id=desired.item.name)
    return result


def _parent_id(path: tuple[Step, ...]) -> str:
    return dict(path[-1][1]).get("id", "")


def _details(old: Element | None, new: Element | None) -> tuple[Difference, ...]:
    if isinstance(old, NvPair) or isinstance(new, NvPair):
        before, after = getattr(old, "value", None), getattr(new, "value", None)
        return (Difference("value", before, after),)
    return differences(old, new) if old is not None and new is not None else ()
