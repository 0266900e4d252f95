"""Schemas by name, and the words that each of them has.

Pacemaker's schemas add words over time; the one that changes what documents say is 3.7 (Pacemaker 2.1), which
renamed the roles Master and Slave. Older schemas know only the old words, newer ones take both.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import ROLE, role

E = TypeVar("E", bound=Element)

#: The first schema with the words Promoted and Unpromoted.
NEW_ROLES = (3, 7)

_OLD_ROLES = {"Promoted": "Master", "Unpromoted": "Slave"}


def version(name: str | None) -> tuple[int, int] | None:
    """Return the number of a schema as in `pacemaker-3.9`; None for `none`, or for no name."""
    match = re.fullmatch(r"pacemaker-(\d+)\.(\d+)", name or "")
    return (int(match[1]), int(match[2])) if match else None


def has_new_roles(name: str | None) -> bool:
    """Tell whether a schema has the words Promoted and Unpromoted; one without a number has all words."""
    number = version(name)
    return number is None or number >= NEW_ROLES


def in_words_of(name: str | None, element: E) -> E:
    """Return `element`, or a whole Cib, with roles in words that the schema `name` has."""
    return element if has_new_roles(name) else _with_old_roles(element)


def _with_old_roles(element: E) -> E:
    changes: dict[str, Any] = {}
    made = layout(type(element))
    for spec in made.attributes:
        value = getattr(element, spec.field)
        if (
            spec.kind is ROLE
            and value is not None
            and (old := _OLD_ROLES.get(role(value))) not in (None, value)
        ):
            changes[spec.field] = old
    for kind in made.children:
        below = getattr(element, kind.field)
        if not below:
            continue
        new: Any = tuple(map(_with_old_roles, below)) if kind.many else _with_old_roles(below)
        same = new is below or (kind.many and all(a is b for a, b in zip(below, new, strict=True)))
        if not same:
            changes[kind.field] = new
    return replace(element, **changes) if changes else element
