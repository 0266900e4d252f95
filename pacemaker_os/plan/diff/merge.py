"""Merging of a desired element with the live one that it replaces.

Ids of parts have no meaning, so a merge keeps the live ones and a change stays as small as possible.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Element
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Operation
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import DURATION

E = TypeVar("E", bound=Element)

#: Fields that give an element an id, or refer to another element instead.
_IDENTITY = ("id", "id_ref")


def merge(new: E, old: Element) -> E:
    """Return `new` with the ids of `old`, and in its order where order has no meaning."""
    if type(new) is not type(old):
        return new
    changes: dict[str, Any] = {"comments": old.comments} if not new.comments else {}
    spec = layout(type(new))
    identifier = spec.attribute_by_xml.get("id")
    if identifier and identifier.anonymous and all(getattr(new, name, None) is None for name in _IDENTITY):
        changes["id"] = getattr(old, "id", None)
    for kind in spec.children:
        new_children, old_children = getattr(new, kind.field), getattr(old, kind.field)
        if kind.many:
            reorder = not kind.ordered or kind.form in ("nvpairs", "nvsets")
            changes[kind.field] = _merged(new_children, old_children, reorder=reorder)
        elif new_children is not None and old_children is not None:
            changes[kind.field] = merge(new_children, old_children)
    return replace(new, **changes)


def _merged(new: Sequence[Element], old: Sequence[Element], *, reorder: bool) -> tuple[Element, ...]:
    positions = {key: position for position, key in enumerate(_keys(old))}
    found: list[tuple[int, Element]] = []
    for key, element in zip(_keys(new), new, strict=True):
        position = positions.get(key, len(old))
        found.append((position, merge(element, old[position]) if position < len(old) else element))
    if reorder:
        found.sort(key=lambda pair: pair[0])
    return tuple(element for _, element in found)


def _keys(elements: Sequence[Element]) -> list[Hashable]:
    """Return a unique key for each sibling; siblings that are otherwise equal get a number."""
    counts: dict[Hashable, int] = {}
    keys: list[Hashable] = []
    for element in elements:
        key = (element.tag, _name(element))
        counts[key] = counts.get(key, 0) + 1
        keys.append((key, counts[key]))
    return keys


def _name(element: Element) -> Hashable:
    if isinstance(element, NvPair):
        return element.name or element.id_ref
    if isinstance(element, Operation):
        return element.name, DURATION.normal(element.interval or "0"), element.role
    identifier = layout(type(element)).attribute_by_xml.get("id")
    return None if identifier is None or identifier.anonymous else getattr(element, "id", None)
