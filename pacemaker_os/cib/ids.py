"""Generation of missing ids, in the style of pcs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib.administration import AclPermission, AlertAttribute, FencingLevel, Recipient
from pacemaker_os.cib.constraints import Colocation, Location, Order, ResourceSet, Ticket
from pacemaker_os.cib.element import Element, Opaque
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    NvPair,
    NvSet,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
)
from pacemaker_os.cib.resources import Clone, Operation, PortMapping, StorageMapping
from pacemaker_os.cib.rules import (
    DateExpression,
    DateSpec,
    Duration,
    Expression,
    OperationExpression,
    ResourceExpression,
    Rule,
)
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import ID

#: Maximum number of resources of a set in the id of a constraint.
_LISTED = 3

#: Characters that generated ids do not contain. An xs:ID may contain more characters, but libxml2 and the
#: standard disagree about them.
_INVALID = re.compile(r"[^A-Za-z0-9_.-]")
_VALID_START = re.compile(r"[A-Za-z_]")
#: Ids in XML that the model preserves. They are in use, too.
_ID_IN_XML = re.compile(r"\sid=[\"']([^\"']*)")

E = TypeVar("E", bound=Element)


def taken(*elements: Element) -> set[str]:
    """Return the ids in these elements, and below them, that must be unique in a CIB."""
    return {name for element in elements for name in _ids(element)}


class Ids:
    """Generates ids that are not in use yet."""

    __slots__ = ("_next", "_taken")

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._next: dict[str, int] = {}

    def complete(self, element: E, parent: str = "") -> E:
        """Return `element` with ids for itself and the elements below. `parent` is the id of its parent."""
        changes: dict[str, Any] = {}
        spec = layout(type(element))
        own: str = getattr(element, "id", None) or ""
        if not own and (generated := self.name(element, parent)):
            own = changes["id"] = generated
        for kind in spec.children:
            old = getattr(element, kind.field)
            if not old:
                continue
            inner_parent = own or parent
            new = (
                tuple(self.complete(e, inner_parent) for e in old)
                if kind.many
                else self.complete(old, inner_parent)
            )
            if kind.many and all(a is b for a, b in zip(old, new, strict=True)):
                continue
            if new is not old:
                changes[kind.field] = new
        return replace(element, **changes) if changes else element

    def name(self, element: Element, parent: str = "") -> str | None:
        """Return a new id for `element`, or None if it does not require one."""
        name = _NAMES.get(type(element))
        if name is None or getattr(element, "id_ref", None) is not None:
            return None
        generated = name(element, parent)
        unique = layout(type(element)).attribute_by_xml["id"].kind is ID
        return self.unique(generated) if unique else generated

    def unique(self, preferred: str) -> str:
        """Return `preferred` without invalid characters, and with a number if it is in use."""
        base = _INVALID.sub("", preferred)
        if not _VALID_START.match(base):
            base = f"id-{base}"
        name = base
        while name in self._taken:
            self._next[base] = self._next.get(base, 0) + 1
            name = f"{base}-{self._next[base]}"
        self._taken.add(name)
        return name


def _ids(element: Element) -> Iterator[str]:
    if isinstance(element, Opaque):
        yield from _ID_IN_XML.findall(element.xml)
        return
    for xml in element.unknown_elements:
        yield from _ID_IN_XML.findall(xml)
    for spec in layout(type(element)).attributes:
        if spec.kind is ID and (value := getattr(element, spec.field)) is not None:
            yield value
    for kind in layout(type(element)).children:
        value = getattr(element, kind.field)
        for child in value if kind.many else (value,) if value is not None else ():
            yield from _ids(child)


def _set_names(sets: tuple[ResourceSet, ...]) -> str:
    names = [member.id or "" for each in sets for member in each.members]
    more = len(names) - _LISTED
    return "-".join(names) if more <= 0 else "-".join([*names[:_LISTED], f"and-{more}-more"])


def _location(element: Location, parent: str) -> str:
    what = element.rsc or element.rsc_pattern or _set_names(element.sets)
    if element.node is None:
        return f"location-{what}"
    return f"location-{what}-{element.node}-{element.score or '0'}"


def _colocation(element: Colocation, parent: str) -> str:
    if element.sets:
        return f"colocation_set_{_set_names(element.sets)}"
    return f"colocation-{element.rsc}-{element.with_rsc}-{element.score or '0'}"


def _order(element: Order, parent: str) -> str:
    if element.sets:
        return f"order_set_{_set_names(element.sets)}"
    how = element.kind or element.score or "mandatory"
    return f"order-{element.first}-{element.then}-{how.lower() if element.kind else how}"


def _ticket(element: Ticket, parent: str) -> str:
    what = element.rsc or _set_names(element.sets)
    role = f"-{element.rsc_role}" if element.rsc_role else ""
    return f"ticket-{element.ticket}-{what}{role}"


def _level(element: FencingLevel, parent: str) -> str:
    what = element.target or element.target_pattern or element.target_value
    return f"fl-{what}-{element.index}"


def _clone(element: Clone, parent: str) -> str:
    return f"{getattr(element.child, 'id', '')}-clone"


def _agent(element: ResourceExpression, parent: str) -> str:
    parts = (element.class_, element.provider, element.type)
    return "-".join([f"{parent}-rsc", *(part for part in parts if part)])


def _operation_expression(element: OperationExpression, parent: str) -> str:
    return "-".join([f"{parent}-op-{element.name}", *([element.interval] if element.interval else [])])


def _inside(suffix: str) -> Callable[[Any, str], str]:
    return lambda element, parent: f"{parent}-{suffix}"


def _nvset(element: Any, parent: str) -> str:
    return f"{parent}-{element.tag}"


#: Functions that return the id of an element by its class. <operations> does not require an id.
_NAMES: dict[type[Element], Callable[[Any, str], str]] = {
    **dict.fromkeys(NvSet.__subclasses__(), _nvset),
    PropertySet: lambda element, parent: FIRST_PROPERTY_SET,
    ResourceDefaults: lambda element, parent: "rsc_defaults-meta_attributes",
    OperationDefaults: lambda element, parent: "op_defaults-meta_attributes",
    NvPair: lambda element, parent: f"{parent}-{element.name}",
    Node: lambda element, parent: element.uname or "",
    Clone: _clone,
    Operation: lambda element, parent: f"{parent}-{element.name}-interval-{element.interval or '0s'}",
    PortMapping: lambda element, parent: f"{parent}-port-map-{element.port or element.range}",
    StorageMapping: _inside("storage-map"),
    Rule: _inside("rule"),
    Expression: _inside("expr"),
    DateExpression: _inside("expr"),
    DateSpec: _inside("datespec"),
    Duration: _inside("duration"),
    ResourceExpression: _agent,
    OperationExpression: _operation_expression,
    ResourceSet: _inside("set"),
    Location: _location,
    Colocation: _colocation,
    Order: _order,
    Ticket: _ticket,
    FencingLevel: _level,
    AclPermission: lambda element, parent: f"{parent}-{element.kind}",
    AlertAttribute: lambda element, parent: f"{parent}-{element.name}",
    Recipient: _inside("recipient"),
}
