"""The meaning of an element for Pacemaker, as a value that is equal for elements with the same meaning.

It excludes generated ids, comments, insignificant order and default values. Different spellings are equal:
10s and 10000ms, on and true, Master and Promoted, stonith-timeout and fencing-timeout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any

from pacemaker_os.cib import names
from pacemaker_os.cib.constraints import Order
from pacemaker_os.cib.element import Element, Opaque
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    MetaAttributes,
    NvSet,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
)
from pacemaker_os.cib.resources import Operations
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import Children, layout
from pacemaker_os.cib.values import boolean, score


def meaning(element: Element) -> Hashable:
    """Return a value that is equal for two elements if Pacemaker treats them the same, and only then."""
    if isinstance(element, Opaque):
        return (element.section, element.xml)
    if isinstance(element, NvSet):
        return _nvset(element)
    element = without_defaults(element)
    cls_layout = layout(type(element))
    parts: dict[str, Hashable] = {}
    for spec in cls_layout.attributes:
        value = getattr(element, spec.field)
        if value is None or spec.anonymous:
            continue
        normal = spec.kind.normal(value)
        if spec.default is None or normal != spec.kind.normal(spec.default):
            parts[spec.xml] = normal
    for kind in cls_layout.children:
        value = getattr(element, kind.field)
        if value is None or value == ():
            continue
        if isinstance(value, Operations) and is_empty(value):
            continue
        if (inner := _children(kind, value)) not in ((), frozenset()):
            parts[kind.key] = inner
    return _frozen(element, parts)


def _children(kind: Children, value: Any) -> Hashable:
    if not kind.many:
        return meaning(value)
    if kind.form == "nvsets":
        return _nvsets(value)
    meanings = tuple(meaning(child) for child in value)
    return meanings if kind.ordered else frozenset(Counter(meanings).items())


def _nvsets(sets: Iterable[NvSet]) -> tuple[Hashable, ...]:
    """Return the meaning of sets of one kind: the highest score first, without empty sets."""
    ranked = sorted(sets, key=lambda nvset: -(score(nvset.score or "0") or 0))
    return tuple(meaning(nvset) for nvset in ranked if not is_empty(nvset))


def is_empty(element: Element) -> bool:
    """Return whether a set of pairs or operations is empty, and therefore has no meaning."""
    if element.unknown_attributes or element.unknown_elements:
        return False
    if isinstance(element, NvSet):
        return not element.nvpairs and element.id_ref is None
    return isinstance(element, Operations) and not element.operations and element.id_ref is None


def without_defaults(element: Element) -> Element:
    """Return `element` without values that are the default because of its other values."""
    simplify = _DEFAULTS.get(type(element))
    return simplify(element) if simplify else element


def known_names(nvset: NvSet) -> names.KnownNames:
    """Return the names that Pacemaker knows in a set of this kind."""
    return _KNOWN_NAMES.get(type(nvset), names.NO_NAMES)


def _nvset(nvset: NvSet) -> Hashable:
    known = known_names(nvset)
    parts: dict[str, Hashable] = {}
    references: list[Hashable] = []
    for pair in nvset.nvpairs:
        if pair.id_ref is not None:
            references.append((pair.id_ref, pair.name))
        elif pair.name is not None and pair.value is not None:
            # Pacemaker uses the first pair of a name.
            name = known.current(pair.name)
            parts.setdefault(f"={name}", known.normal(name, pair.value))
    parts["pairs by reference"] = frozenset(references)
    parts["ref"] = nvset.id_ref
    if rank := score(nvset.score or "0"):
        parts["score"] = rank
    if nvset.rule is not None:
        parts["rule"] = meaning(nvset.rule)
    if isinstance(nvset, PropertySet):
        parts["first"] = nvset.id in (None, FIRST_PROPERTY_SET)
    return _frozen(nvset, parts)


def _frozen(element: Element, parts: dict[str, Hashable]) -> Hashable:
    return (
        element.section,
        element.tag,
        frozenset(parts.items()),
        frozenset(element.unknown_attributes),
        frozenset(element.unknown_elements),
    )


def _order(element: Order) -> Order:
    """Return an order without defaults: it is mandatory and symmetrical, and both actions are the same."""
    changes: dict[str, Any] = {}
    if element.then_action == (element.first_action or "start"):
        changes["then_action"] = None
    if element.kind == "Mandatory":
        changes["kind"] = None
    if element.symmetrical and boolean(element.symmetrical) is (element.kind != "Serialize"):
        changes["symmetrical"] = None
    return replace(element, **changes) if changes else element


def _node(element: Node) -> Node:
    """Return a node without its id if it has a name. The cluster layer assigns the id."""
    return replace(element, id=None) if element.uname is not None else element


def _rule(element: Rule) -> Rule:
    """Return a rule without its operator if it has a single expression."""
    return replace(element, boolean_op=None) if len(element.expressions) == 1 else element


#: Functions that remove defaults that depend on other values.
_DEFAULTS: dict[type[Element], Callable[[Any], Element]] = {Order: _order, Node: _node, Rule: _rule}

#: Known names by the class of the set.
_KNOWN_NAMES: dict[type[Element], names.KnownNames] = {
    PropertySet: names.PROPERTIES,
    MetaAttributes: names.META,
    ResourceDefaults: names.META,
    OperationDefaults: names.OPERATION_OPTIONS,
}
