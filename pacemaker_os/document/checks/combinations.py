"""Check which keys of an object can, or must, be used together. Source: Pacemaker's RELAX NG schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.administration import AclPermission, FencingLevel, Tag
from pacemaker_os.cib.constraints import Colocation, Location, Order, ResourceSet, Ticket
from pacemaker_os.cib.nvsets import (
    InstanceAttributes,
    MetaAttributes,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
    Utilization,
)
from pacemaker_os.cib.resources import PortMapping, StorageMapping
from pacemaker_os.cib.rules import DateExpression, Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.dataclass import dataclass
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements


@dataclass(frozen=True, slots=True)
class _Rule:
    """Groups of fields of which exactly one is set, and fields that require another field."""

    noun: str
    one_of: tuple[tuple[str, ...], ...] = ()
    requires: tuple[tuple[str, str], ...] = ()


_RULES: dict[type[Element], _Rule] = {
    AclPermission: _Rule(
        "ACL permission", (("xpath", "reference", "object_type"),), (("attribute", "object_type"),)
    ),
    FencingLevel: _Rule(
        "fencing level",
        (("target", "target_pattern", "target_attribute"),),
        (("target_attribute", "target_value"), ("target_value", "target_attribute")),
    ),
    Location: _Rule("location constraint", (("rsc", "rsc_pattern", "sets"), ("node", "rules")), ()),
    PortMapping: _Rule("port mapping", (("port", "range"),), (("internal_port", "port"),)),
    StorageMapping: _Rule("storage mapping", (("source_dir", "source_dir_root"),)),
    ResourceSet: _Rule("resource set", (("members", "id_ref"),)),
    Tag: _Rule("tag", (("members",),)),
    Rule: _Rule("rule", (("expressions", "id_ref"),)),
}
#: Fields that exclude each other.
_EXCLUSIVE: dict[type[Element], tuple[tuple[str, str], ...]] = {
    Order: (("kind", "score"),),
    ResourceSet: (("kind", "score"),),
    **dict.fromkeys(
        (InstanceAttributes, MetaAttributes, Utilization, PropertySet, ResourceDefaults, OperationDefaults),
        (("id_ref", "id"), ("id_ref", "nvpairs"), ("id_ref", "rule"), ("id_ref", "score")),
    ),
}
#: Fields of a constraint between two resources, or of a constraint of one, that sets replace.
_WITHOUT_SETS: dict[type[Element], tuple[str, ...]] = {
    Location: ("role",),
    Colocation: ("rsc_role", "with_rsc_role", "node_attribute"),
    Order: ("first_action", "then_action", "require_all"),
    Ticket: ("rsc_role",),
}
#: The fields that a date expression requires, and those that it cannot have, by its operation.
_DATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gt": (("start",), ("end", "duration", "date_spec")),
    "lt": (("end",), ("start", "duration", "date_spec")),
    "date_spec": (("date_spec",), ("start", "end", "duration")),
}


def check_combinations(cib: Cib) -> Iterator[LintFinding]:
    """Yield objects with keys that exclude each other, or without a required key."""
    for element, origin in all_elements(cib):
        for message in _messages(element):
            yield LintFinding(origin, message, "combination")
        if isinstance(element, AclPermission) and element.xpath and not _is_xpath(element.xpath):
            message = f"invalid value '{element.xpath}' for 'xpath'; use an XPath expression such as /cib"
            yield LintFinding(origin, message, "wrong-value")


def _is_xpath(text: str) -> bool:
    """Return whether an expression can be parsed. Pacemaker ignores a permission with another one."""
    try:
        etree.XPath(text)
    except etree.XPathError:
        return False
    return True


def check_attributes(cib: Cib) -> Iterator[LintFinding]:
    """Yield invalid values, which a document can declare, for example from an export, under `unknown`."""
    for element, origin in all_elements(cib):
        for spec in layout(type(element)).attributes:
            value = getattr(element, spec.field)
            if value is not None and not spec.kind.accepts(value):
                message = f"invalid value '{value}' for '{spec.key}'; use {spec.kind.expected}"
                yield LintFinding(origin, message, "wrong-value")


def _messages(element: Any) -> Iterator[str]:
    rule = _RULES.get(type(element))
    for fields in rule.one_of if rule else ():
        given = [field for field in fields if getattr(element, field)]
        if len(given) != 1:
            keys = ", ".join(_key(element, field) for field in fields)
            found = " and ".join(_key(element, field) for field in given) or "none"
            number = "exactly one of " if len(fields) > 1 else ""
            yield f"{rule.noun if rule else ''} requires {number}{keys}, not {found}"
    for field, other in rule.requires if rule else ():
        if getattr(element, field) and not getattr(element, other):
            yield f"{_key(element, field)} requires {_key(element, other)}"
    for field, other in _EXCLUSIVE.get(type(element), ()):
        if getattr(element, field) and getattr(element, other):
            yield f"{_key(element, field)} cannot be used with {_key(element, other)}"
    if getattr(element, "sets", ()):
        for field in _WITHOUT_SETS.get(type(element), ()):
            if getattr(element, field) is not None:
                yield f"{_key(element, field)} cannot be used with 'sets'; use the keys of each set"
    if isinstance(element, Location) and element.rules and element.score is not None:
        yield "'score' cannot be used with 'rules'; set the score of each rule"
    if isinstance(element, DateExpression):
        yield from _date_messages(element)


def _date_messages(element: DateExpression) -> Iterator[str]:
    required, excluded = _DATES.get(element.operation or "", ((), ("date_spec",)))
    for field in required:
        if getattr(element, field) is None:
            yield f"a date expression with '{element.operation}' requires {_key(element, field)}"
    for field in excluded:
        if getattr(element, field) is not None:
            yield f"a date expression with '{element.operation}' cannot have {_key(element, field)}"
    if element.operation == "in_range" and element.start is None and element.end is None:
        yield "a date expression with 'in_range' requires 'start' or 'end'"


def _key(element: Element, field: str) -> str:
    """Return the key of a field in a document, in quotes."""
    keys = layout(type(element)).keys
    return next(f"'{key}'" for key, spec in keys.items() if spec.field == field)
