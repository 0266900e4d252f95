"""A changed element takes the place of the live one: it keeps the ids of its parts, and what is not its own.

Ids of parts mean nothing, so the live ones stay and a change is as small as what changed. What an
operator keeps in a resource for a while (target-role and the like) is carried over.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Element
from pacemaker_os.cib.nvsets import MetaAttributes, NvPair
from pacemaker_os.cib.overrides import override_meta, plain_sets
from pacemaker_os.cib.resources import Operation
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import DURATION

E = TypeVar("E", bound=Element)

#: With one of these, an element says what it is called, or that it is only a name for another.
_SAID = ("id", "id_ref")


def merge(new: E, old: Element) -> E:
    """`new` with the ids of the same parts of `old`, in the order of `old` where order means nothing."""
    if type(new) is not type(old):
        return new
    changes: dict[str, Any] = {"comments": old.comments} if not new.comments else {}
    made = layout(type(new))
    identifier = made.attribute_by_xml.get("id")
    if identifier and identifier.anonymous and all(getattr(new, name, None) is None for name in _SAID):
        changes["id"] = getattr(old, "id", None)
    for kind in made.children:
        news, olds = getattr(new, kind.field), getattr(old, kind.field)
        if kind.many:
            loose = not kind.ordered or kind.form in ("nvpairs", "nvsets")
            changes[kind.field] = _merged(news, olds, loose=loose)
        elif news is not None and olds is not None:
            changes[kind.field] = merge(news, olds)
    return _with_operator_meta(replace(new, **changes), old)


def _merged(news: Sequence[Element], olds: Sequence[Element], *, loose: bool) -> tuple[Element, ...]:
    places = {key: place for place, key in enumerate(_keys(olds))}
    found: list[tuple[int, Element]] = []
    for key, new in zip(_keys(news), news, strict=True):
        place = places.get(key, len(olds))
        found.append((place, merge(new, olds[place]) if place < len(olds) else new))
    if loose:
        found.sort(key=lambda pair: pair[0])
    return tuple(element for _, element in found)


def _keys(elements: Sequence[Element]) -> list[Hashable]:
    """What tells each element from its siblings; those that nothing tells apart are numbered."""
    seen: dict[Hashable, int] = {}
    keys: list[Hashable] = []
    for element in elements:
        key = (element.tag, _called(element))
        seen[key] = seen.get(key, 0) + 1
        keys.append((key, seen[key]))
    return keys


def _called(element: Element) -> Hashable:
    if isinstance(element, NvPair):
        return element.name or element.id_ref
    if isinstance(element, Operation):
        return element.name, DURATION.normal(element.interval or "0"), element.role
    identifier = layout(type(element)).attribute_by_xml.get("id")
    return None if identifier is None or identifier.anonymous else getattr(element, "id", None)


def _with_operator_meta(new: E, old: Element) -> E:
    """`new` with what an operator keeps in `old`, as far as `new` does not say it itself."""
    if not hasattr(new, "meta_attributes") or isinstance(new, Operation):
        return new
    said = {pair.name for nvset in new.meta_attributes for pair in nvset.nvpairs}
    kept = {name: value for name, value in override_meta(old).items() if name not in said}
    if not kept:
        return new
    olds = {pair.name: pair for nvset in plain_sets(old) for pair in nvset.nvpairs}
    pairs = tuple(olds[name] for name in kept)
    home = next(iter(plain_sets(new)), None)
    if home is None:
        same_set = next(nvset for nvset in plain_sets(old) if pairs[0] in nvset.nvpairs)
        sets = (*new.meta_attributes, MetaAttributes(id=same_set.id, nvpairs=pairs))
    else:
        filled = replace(home, nvpairs=(*home.nvpairs, *pairs))
        sets = tuple(filled if nvset is home else nvset for nvset in new.meta_attributes)
    with_sets: Any = new
    kept_too: E = replace(with_sets, meta_attributes=sets)
    return kept_too
