"""Schema versions, and the names of roles in each of them.

Schema 3.7 (Pacemaker 2.1) renamed the roles Master and Slave. Older schemas accept only the former names,
newer ones accept both.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import ROLE, role

E = TypeVar("E", bound=Element)

#: The first schema with the roles Promoted and Unpromoted.
NEW_ROLES = (3, 7)

_OLD_ROLES = {"Promoted": "Master", "Unpromoted": "Slave"}


def version(name: str | None) -> tuple[int, int] | None:
    """Return the version of a schema such as `pacemaker-3.9`, or None if the name has no version."""
    match = re.fullmatch(r"pacemaker-(\d+)\.(\d+)", name or "")
    return (int(match[1]), int(match[2])) if match else None


def has_new_roles(name: str | None) -> bool:
    """Return whether a schema accepts Promoted and Unpromoted, as does one without a version."""
    number = version(name)
    return number is None or number >= NEW_ROLES


def with_roles_of(name: str | None, element: E) -> E:
    """Return `element` with names of roles that the schema `name` accepts."""
    return element if has_new_roles(name) else _with_old_roles(element)


def _with_old_roles(element: E) -> E:
    changes: dict[str, Any] = {}
    cls_layout = layout(type(element))
    for spec in cls_layout.attributes:
        value = getattr(element, spec.field)
        if (
            spec.kind is ROLE
            and value is not None
            and (old := _OLD_ROLES.get(role(value))) not in (None, value)
        ):
            changes[spec.field] = old
    for kind in cls_layout.children:
        inner = getattr(element, kind.field)
        if not inner:
            continue
        new: Any = tuple(map(_with_old_roles, inner)) if kind.many else _with_old_roles(inner)
        same = new is inner or (kind.many and all(a is b for a, b in zip(inner, new, strict=True)))
        if not same:
            changes[kind.field] = new
    return replace(element, **changes) if changes else element
