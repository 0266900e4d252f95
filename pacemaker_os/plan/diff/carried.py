"""Operator overrides of resources that a plan reshapes.

A resource keeps its overrides when it becomes a clone or leaves one, or changes its group or template. An
override of a removed group or clone moves to the largest desired resources that consist only of its members.
Only an override of a resource that is removed with all its members is lost, for example because its name
changes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pacemaker_os.cib.constraints import Location
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import MetaAttributes, NvPair
from pacemaker_os.cib.overrides import (
    Override,
    constraint_override,
    is_operator_constraint,
    override_meta,
    override_pairs,
    plain_sets,
    resource_override,
    resources_inside,
    with_resources,
)
from pacemaker_os.cib.resources import Bundle, Clone
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import boolean
from pacemaker_os.plan.diff.item import Item

E = TypeVar("E", bound=Element)

#: Pairs by the id of the resource and their name.
Pairs = dict[str, dict[str, NvPair]]


@dataclass(slots=True)
class Carried:
    """The overrides of the resources that a plan changes or removes.

    `pairs` are the meta attributes that desired resources keep, `set_ids` the ids of their live sets. `moved`
    are bans and moves with the constraints that replace them, `copied` those that stay, with additional
    constraints. `remaining` describes the overrides that stay, `lost` are those that do not.
    """

    pairs: Pairs = field(default_factory=dict)
    set_ids: dict[str, str | None] = field(default_factory=dict)
    moved: dict[str, tuple[Location, ...]] = field(default_factory=dict)
    copied: dict[str, tuple[Location, ...]] = field(default_factory=dict)
    remaining: list[str] = field(default_factory=list)
    lost: list[Override] = field(default_factory=list)


def carry(
    live: Iterable[Item],
    constraints: Iterable[Item],
    desired: Iterable[Element],
    released: Collection[tuple[str, str]] = (),
) -> Carried:
    """Return what happens to the overrides of `live` resources that `desired` resources replace.

    `constraints` are the bans and moves that the document does not declare. `released` are the overrides that
    the document declared before, by resource and name; without them, it declares the end of the override.
    """
    tops, shape, found = [item.element for item in live], _Shape(desired), Carried()
    old_shape = _Shape(tops)
    for top in tops:
        _carry_meta(top, old_shape, shape, found, frozenset(released))
    bans = [
        (item, item.element)
        for item in constraints
        if isinstance(item.element, Location) and is_operator_constraint(item.element)
    ]
    _carry_constraints(bans, old_shape, shape, found)
    return found


def with_carried(element: E, carried: Carried, *, keep_ids: bool) -> E:
    """Return a resource, and those inside it, with the overrides that they keep and do not declare.

    `keep_ids` keeps the live ids of the pairs and of their sets, for a change in place.
    """
    element = with_resources(element, lambda inside: with_carried(inside, carried, keep_ids=keep_ids))
    declared = {pair.name for nvset in getattr(element, "meta_attributes", ()) for pair in nvset.nvpairs}
    missing = [pair for name, pair in carried.pairs.get(_id(element), {}).items() if name not in declared]
    if not missing:
        return element
    new = tuple(missing if keep_ids else (replace(pair, id=None) for pair in missing))
    resource: Any = element
    target = next(iter(plain_sets(element)), None)
    if target is None:
        set_id = carried.set_ids.get(_id(element)) if keep_ids else None
        sets = (*resource.meta_attributes, MetaAttributes(id=set_id, nvpairs=new))
    else:
        filled = replace(target, nvpairs=(*target.nvpairs, *new))
        sets = tuple(filled if each is target else each for each in resource.meta_attributes)
    result: E = replace(resource, meta_attributes=sets)
    return result


class _Shape:
    """The desired resources: which contain which primitives."""

    def __init__(self, tops: Iterable[Element]) -> None:
        self._tops = list(tops)
        self.elements: dict[str, Element] = {}
        self._clones: dict[str, str] = {}
        for top in self._tops:
            self._index(top, "")

    def _index(self, element: Element, clone: str) -> None:
        clone = _id(element) if isinstance(element, (Bundle, Clone)) else clone
        self.elements[_id(element)] = element
        self._clones[_id(element)] = clone
        for inside in resources_inside(element):
            self._index(inside, clone)

    def clone_of(self, name: str) -> str:
        """Return the clone or bundle that contains a resource, itself included, or an empty text."""
        return self._clones.get(name, "")

    def is_promotable(self, name: str) -> bool:
        """Return whether a resource is, or is in, a promotable clone or a bundle."""
        outer = self.elements.get(self.clone_of(name))
        if not isinstance(outer, Clone):
            return outer is not None
        pairs = (pair for nvset in outer.meta_attributes for pair in nvset.nvpairs)
        return any(pair.name == "promotable" and boolean(pair.value or "") for pair in pairs)

    def cover(self, leaves: Collection[str]) -> list[str]:
        """Return the largest resources that consist only of these primitives."""
        return [name for top in self._tops for name in _cover(top, leaves)]


def _cover(element: Element, leaves: Collection[str]) -> Iterator[str]:
    inside = _leaves(element)
    if inside <= set(leaves):
        yield _id(element)
    elif inside & set(leaves):
        for each in resources_inside(element):
            yield from _cover(each, leaves)


def _leaves(element: Element) -> set[str]:
    """Return the primitives in a resource; the resource itself if it contains none."""
    inside = list(resources_inside(element))
    return set().union(*map(_leaves, inside)) if inside else {_id(element)}


def _carry_meta(
    element: Element, old: _Shape, shape: _Shape, found: Carried, released: Collection[tuple[str, str]]
) -> None:
    # The members first: their own values take precedence over those of a group or clone.
    for inside in resources_inside(element):
        _carry_meta(inside, old, shape, found, released)
    name, leaves = _id(element), _leaves(element)
    same = shape.elements.get(name)
    left = leaves if same is None else leaves - _leaves(same)
    targets = [*([] if same is None else [name]), *shape.cover(left)] if override_pairs(element) else []
    for setting, pair in override_pairs(element).items():
        if (name, setting) in released:
            continue
        override = resource_override(element, setting, pair.value or "")
        taking = targets
        if override.kind == "unpromoted" and old.is_promotable(name):
            # Pacemaker calls this role an error where nothing can be promoted.
            taking = [target for target in targets if shape.is_promotable(target)]
        if not taking:
            found.lost.append(override)
        for target in taking:
            if target != name and not override.kind:
                continue
            values = found.pairs.setdefault(target, {})
            if setting not in override_meta(shape.elements[target]) and setting not in values:
                values[setting] = pair if target == name else replace(pair, id=None)
                if target == name:
                    found.set_ids.setdefault(name, _set_id(element, pair))
                found.remaining.append(f"resource {target} {setting} {pair.value}")


def _targets(name: str, old: _Shape, new: _Shape) -> list[str]:
    """Return the resources that a ban or move of a resource applies to after the changes."""
    if name not in old.elements:
        return [name]
    leaves = _leaves(old.elements[name])
    # Pacemaker does not reliably apply a ban of a resource in a clone or bundle, so that takes the ban over.
    if name not in new.elements or old.clone_of(name) != new.clone_of(name):
        return new.cover(leaves)
    return [name, *new.cover(leaves - _leaves(new.elements[name]))]


def _carry_constraints(
    bans: Sequence[tuple[Item, Location]], old: _Shape, new: _Shape, found: Carried
) -> None:
    targets = {item.key: _targets(element.rsc or "", old, new) for item, element in bans}
    staying = {item.key: element for item, element in bans if element.rsc in targets[item.key]}
    known = {meaning(element) for element in staying.values()}
    taken = {element.id for element in staying.values()}
    found.remaining += [constraint_override(element).description for element in staying.values()]
    for item, element in bans:
        override = constraint_override(element)
        if not targets[item.key]:
            found.lost.append(override)
        replacements = []
        for target in targets[item.key]:
            moved = _renamed(element, element.rsc or "", target)
            # Another ban may say the same already, such as one of the clone.
            if meaning(moved) in known:
                continue
            known.add(meaning(moved))
            if moved.id in taken:
                # A resource can have one move only, so its own one takes precedence over that of its group.
                description = f"{override.description} for {target} (it has {moved.id})"
                found.lost.append(replace(override, description=description))
                continue
            taken.add(moved.id)
            replacements.append(moved)
        if item.key in staying:
            found.copied[item.key] = tuple(replacements)
        else:
            found.moved[item.key] = tuple(replacements)
        found.remaining += [constraint_override(each).description for each in replacements]


def _renamed(element: Location, old: str, new: str) -> Location:
    """Return a ban or move of another resource, with the ids that crm_resource gives it."""
    return replace(_with_ids_of(element, old, new), rsc=new)


def _with_ids_of(element: E, old: str, new: str) -> E:
    changes: dict[str, Any] = {}
    if identifier := getattr(element, "id", None):
        changes["id"] = re.sub(rf"(?<=-){re.escape(old)}(?=-|$)", lambda _: new, str(identifier), count=1)
    for spec in layout(type(element)).children:
        inside = getattr(element, spec.field)
        if spec.many:
            changes[spec.field] = tuple(_with_ids_of(each, old, new) for each in inside)
        elif inside is not None:
            changes[spec.field] = _with_ids_of(inside, old, new)
    result: E = replace(element, **changes)
    return result


def without_ids(element: E) -> E:
    """Return an element without the ids of itself and of its parts."""
    changes: dict[str, Any] = {"id": None} if hasattr(element, "id") else {}
    for spec in layout(type(element)).children:
        inside = getattr(element, spec.field)
        if spec.many:
            changes[spec.field] = tuple(map(without_ids, inside))
        elif inside is not None:
            changes[spec.field] = without_ids(inside)
    result: E = replace(element, **changes)
    return result


def _set_id(element: Element, pair: NvPair) -> str | None:
    return next((nvset.id for nvset in plain_sets(element) if pair in nvset.nvpairs), None)


def _id(element: Element) -> str:
    return str(getattr(element, "id", None) or "")
