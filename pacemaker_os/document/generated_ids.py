"""Ids that pcs and pcs-os generate: which ones a document can omit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import IDREF

E = TypeVar("E", bound=Element)


def without_generated_ids(cib: Cib, referenced: frozenset[str]) -> Cib:
    """Return `cib` without the ids that nobody calls anything by and nothing refers to.

    The id of an object (a constraint, a fencing level) goes only when it would be made up the same.
    """
    bare = _bare(cib, referenced)
    # First those that no number at the end could make alike, then what that leaves different.
    named = _keep_ids(cib, bare, lambda old, made: bool(_stems(old) & _stems(made)))
    return _keep_ids(cib, named, lambda old, made: old == made)


#: Fields with objects whose ids people may use, though they need not.
_OBJECTS = ("constraints", "fencing_levels", "resource_defaults", "operation_defaults")


def _keep_ids(cib: Cib, bare: Cib, alike: Callable[[str, str], bool]) -> Cib:
    """Return `bare` with the ids of `cib` for objects whose made-up ids are not `alike`."""
    ids = Ids(taken(bare))
    changes: dict[str, Any] = {}
    for field in _OBJECTS:
        kept = []
        for each, original in zip(getattr(bare, field), getattr(cib, field), strict=True):
            made = ids.name(each) if each.id is None else None
            if made is not None and original.id is not None and not alike(original.id, made):
                kept.append(replace(each, id=original.id))
            else:
                kept.append(each)
        changes[field] = tuple(kept)
    return replace(bare, **changes)


def _stems(id: str) -> set[str]:
    """Return the id, and the id without a number at its end."""
    return {id, re.sub(r"-\d+$", "", id)}


def _bare(element: E, referenced: frozenset[str]) -> E:
    changes: dict[str, Any] = {}
    made = layout(type(element))
    for spec in made.attributes:
        if spec.anonymous and (value := getattr(element, spec.field)) is not None and value not in referenced:
            changes[spec.field] = None
    for kind in made.children:
        old = getattr(element, kind.field)
        if kind.many:
            new: Any = tuple(_bare(each, referenced) for each in old)
            if any(a is not b for a, b in zip(old, new, strict=True)):
                changes[kind.field] = new
        elif old is not None and (new := _bare(old, referenced)) is not old:
            changes[kind.field] = new
    return replace(element, **changes) if changes else element


def referenced_ids(cib: Cib) -> frozenset[str]:
    """Return every id that an id-ref, an access rule or a tag refers to."""
    found: set[str] = {member.id or "" for tag in cib.tags for member in tag.members}
    _collect(cib.objects(), found)
    found.discard("")
    return frozenset(found)


def _collect(elements: Iterable[Element], found: set[str]) -> None:
    for element in elements:
        made = layout(type(element))
        for spec in made.attributes:
            if spec.kind is IDREF and (value := getattr(element, spec.field)) is not None:
                found.add(value)
        for kind in made.children:
            value = getattr(element, kind.field)
            if value:
                _collect(value if kind.many else (value,), found)
