"""Operations written out: the exact text of what is live, and ids for what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import override_meta_within, without_overrides
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cib.xml import configuration_element, to_element
from pacemaker_os.document.difference import Difference, differences
from pacemaker_os.plan.diff.change import ConfigChange, Step
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem
from pacemaker_os.plan.diff.merge import merge
from pacemaker_os.plan.diff.parent_paths import Places
from pacemaker_os.plan.diff.source_position import nearest_position


class Writer:
    """Writes the operations of one comparison."""

    def __init__(
        self,
        live: Cib,
        desired: Cib,
        olds: Mapping[str, Item],
        leaving: Mapping[str, Item],
        tree: etree._Element | None,
        *,
        new_nodes: bool,
    ) -> None:
        exact = configuration_element(live) if tree is None else tree
        self._exact = {
            (parent.tag, child.get("id")): child
            for parent in exact.iter()
            for child in parent
            if isinstance(child.tag, str)
        }
        gone = set().union(*(taken(old.element) for old in leaving.values()))
        self._taken = taken(live) - gone
        self._ids = Ids(self._taken | taken(desired))
        self._places = Places(live, desired, olds.values(), new_nodes=new_nodes)

    def add(self, each: DesiredItem) -> ConfigChange:
        """What is wanted and is not there. Raises UnknownNode."""
        place = self._places.of(each.item)
        new = self._with_ids(each, place)
        return self._operation(each.item, place, None, new, each.origin)

    def _with_ids(self, each: DesiredItem, place: tuple[Step, ...]) -> Element:
        """The ids that the document alone would give, unless the cluster has one of them already."""
        given = taken(each.item.element)
        if isinstance(each.said, NvPair) or not self._taken.isdisjoint(given):
            return self._ids.complete(each.said, _parent_id(place))
        for identifier in given:
            self._ids.unique(identifier)
        return each.item.element

    def change(self, old: Item, each: DesiredItem) -> ConfigChange | None:
        """What is there and should be different; None when it means the same."""
        if old.meaning == each.item.meaning:
            return None
        if old.section == "resources":
            said = override_meta_within(each.item.element)
            if meaning(without_overrides(old.element, said)) == each.item.meaning:
                return None
        merged: Any = merge(each.said, old.element)
        new = self._ids.complete(merged, _parent_id(old.place))
        operation = self._operation(old, old.place, old, new, each.origin)
        nearest = nearest_position(each.said, operation.details)
        return replace(operation, origin=nearest or each.origin)

    def remove(self, old: Item) -> ConfigChange:
        """What is there and should not be."""
        return self._operation(old, old.place, old, None, "")

    def _operation(
        self, item: Item, place: tuple[Step, ...], old: Item | None, new: Element | None, origin: str
    ) -> ConfigChange:
        name = str(getattr(new, "id", "") or "") if item.anonymous and new is not None else item.name
        return ConfigChange(
            key=f"{item.element.tag}:{name}" if item.anonymous else item.key,
            kind=item.kind,
            name=name,
            parent_path=place,
            old=None if old is None else self._text(old),
            new=None if new is None else to_text(to_element(new)),
            details=_details(None if old is None else old.element, new),
            origin=origin,
        )

    def _text(self, old: Item) -> str:
        parent, identifier = old.place[-1][0], getattr(old.element, "id", None)
        element = self._exact.get((parent, identifier))
        return to_text(to_element(old.element) if element is None else element)


def _parent_id(place: tuple[Step, ...]) -> str:
    return dict(place[-1][1]).get("id", "")


def _details(old: Element | None, new: Element | None) -> tuple[Difference, ...]:
    if isinstance(old, NvPair) or isinstance(new, NvPair):
        before, after = getattr(old, "value", None), getattr(new, "value", None)
        return (Difference("value", before, after),)
    return differences(old, new) if old is not None and new is not None else ()
