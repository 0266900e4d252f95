"""Omit the ids that pcs or pcs-os generated and that a later push generates again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.ids import Ids
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import IDREF

E = TypeVar("E", bound=Element)


def without_generated_ids(cib: Cib, referenced: frozenset[str]) -> Cib:
    """Return `cib` without the ids of anonymous elements, unless something refers to them.

    The id of an object (a constraint, a fencing level) is omitted only if the same id would be generated.
    """
    bare = _without_anonymous_ids(cib, referenced)
    # Generated ids differ only in a number at their end. Restore the clearly different ids first: that can
    # change the numbers of the others.
    named = _restore_ids(cib, bare, lambda old, generated: bool(_stems(old) & _stems(generated)))
    return _restore_ids(cib, named, lambda old, generated: old == generated)


#: Fields with objects whose ids are optional in a document.
_OBJECTS = ("constraints", "fencing_levels", "resource_defaults", "operation_defaults")


def _restore_ids(cib: Cib, bare: Cib, similar: Callable[[str, str], bool]) -> Cib:
    """Return `bare` with the ids of `cib` for objects whose generated id is not `similar`."""
    ids = Ids(bare.taken_ids())
    changes: dict[str, Any] = {}
    for field in _OBJECTS:
        elements = []
        for each, original in zip(getattr(bare, field), getattr(cib, field), strict=True):
            generated = ids.name(each) if each.id is None else None
            if generated is not None and original.id is not None and not similar(original.id, generated):
                elements.append(replace(each, id=original.id))
            else:
                elements.append(each)
        changes[field] = tuple(elements)
    return replace(bare, **changes)


def _stems(id: str) -> set[str]:
    """Return the id with and without a number at its end."""
    return {id, re.sub(r"-\d+$", "", id)}


def _without_anonymous_ids(element: E, referenced: frozenset[str]) -> E:
    changes: dict[str, Any] = {}
    table = layout(type(element))
    for spec in table.attributes:
        if spec.anonymous and (value := getattr(element, spec.field)) is not None and value not in referenced:
            changes[spec.field] = None
    for kind in table.children:
        old = getattr(element, kind.field)
        if kind.many:
            new: Any = tuple(_without_anonymous_ids(each, referenced) for each in old)
            if any(a is not b for a, b in zip(old, new, strict=True)):
                changes[kind.field] = new
        elif old is not None and (new := _without_anonymous_ids(old, referenced)) is not old:
            changes[kind.field] = new
    return replace(element, **changes) if changes else element


def referenced_ids(cib: Cib) -> frozenset[str]:
    """Return every id that an id-ref, an ACL permission or a tag refers to."""
    found: set[str] = {member.id or "" for tag in cib.tags for member in tag.members}
    _collect(cib.objects(), found)
    found.discard("")
    return frozenset(found)


def _collect(elements: Iterable[Element], found: set[str]) -> None:
    for element in elements:
        table = layout(type(element))
        for spec in table.attributes:
            if spec.kind is IDREF and (value := getattr(element, spec.field)) is not None:
                found.add(value)
        for kind in table.children:
            value = getattr(element, kind.field)
            if value:
                _collect(value if kind.many else (value,), found)
