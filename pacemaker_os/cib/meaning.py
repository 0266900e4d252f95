"""What an element means to Pacemaker: a value that is equal when the meanings are.

Left out are generated ids, comments, order without meaning, and what Pacemaker takes by default
anyway; spellings (10s and 10000ms, on and true, Master and Promoted, stonith-timeout and
fencing-timeout) become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any

from pacemaker_os.cib import names
from pacemaker_os.cib.configuration import Opaque
from pacemaker_os.cib.constraints import Order
from pacemaker_os.cib.element import Element
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
    """Return a value that two elements share exactly when they mean the same to Pacemaker."""
    if isinstance(element, Opaque):
        return (element.section, element.xml)
    if isinstance(element, NvSet):
        return _nvset(element)
    element = without_defaults(element)
    made = layout(type(element))
    said: dict[str, Hashable] = {}
    for spec in made.attributes:
        value = getattr(element, spec.field)
        if value is None or spec.anonymous:
            continue
        normal = spec.kind.normal(value)
        if spec.default is None or normal != spec.kind.normal(spec.default):
            said[spec.xml] = normal
    for kind in made.children:
        value = getattr(element, kind.field)
        if value is None or value == ():
            continue
        if isinstance(value, Operations) and is_empty(value):
            continue
        if (below := _children(kind, value)) not in ((), frozenset()):
            said[kind.key] = below
    return _frozen(element, said)


def _children(kind: Children, value: Any) -> Hashable:
    if not kind.many:
        return meaning(value)
    if kind.form == "nvsets":
        return _nvsets(value)
    meanings = tuple(meaning(child) for child in value)
    return meanings if kind.ordered else frozenset(Counter(meanings).items())


def _nvsets(sets: Iterable[NvSet]) -> tuple[Hashable, ...]:
    """Return what sets of one kind say together: a higher score first, empty ones nothing."""
    ranked = sorted(sets, key=lambda nvset: -(score(nvset.score or "0") or 0))
    return tuple(meaning(nvset) for nvset in ranked if not is_empty(nvset))


def is_empty(element: Element) -> bool:
    """Tell whether a set of pairs, or of operations, is empty: Pacemaker would not miss it."""
    if element.unknown_attributes or element.unknown_elements:
        return False
    if isinstance(element, NvSet):
        return not element.nvpairs and element.id_ref is None
    return isinstance(element, Operations) and not element.operations and element.id_ref is None


def without_defaults(element: Element) -> Element:
    """Return `element` without what Pacemaker would take anyway because of what else it says."""
    tidy = _DEFAULTS.get(type(element))
    return tidy(element) if tidy else element


def known_names(nvset: NvSet) -> names.KnownNames:
    """Return the names that a set of this kind knows."""
    return _WORDS.get(type(nvset), names.NO_NAMES)


def _nvset(nvset: NvSet) -> Hashable:
    words = known_names(nvset)
    said: dict[str, Hashable] = {}
    references: list[Hashable] = []
    for pair in nvset.nvpairs:
        if pair.id_ref is not None:
            references.append((pair.id_ref, pair.name))
        elif pair.name is not None and pair.value is not None:
            # The first pair of a name holds.
            name = words.current(pair.name)
            said.setdefault(f"={name}", words.normal(name, pair.value))
    said["pairs by reference"] = frozenset(references)
    said["ref"] = nvset.id_ref
    if rank := score(nvset.score or "0"):
        said["score"] = rank
    if nvset.rule is not None:
        said["rule"] = meaning(nvset.rule)
    if isinstance(nvset, PropertySet):
        said["first"] = nvset.id in (None, FIRST_PROPERTY_SET)
    return _frozen(nvset, said)


def _frozen(element: Element, said: dict[str, Hashable]) -> Hashable:
    return (
        element.section,
        element.tag,
        frozenset(said.items()),
        frozenset(element.unknown_attributes),
        frozenset(element.unknown_elements),
    )


def _order(element: Order) -> Order:
    """An order is mandatory, symmetrical, and its second action the first one, unless it says otherwise."""
    changes: dict[str, Any] = {}
    if element.then_action == (element.first_action or "start"):
        changes["then_action"] = None
    if element.kind == "Mandatory":
        changes["kind"] = None
    if element.symmetrical and boolean(element.symmetrical) is (element.kind != "Serialize"):
        changes["symmetrical"] = None
    return replace(element, **changes) if changes else element


def _node(element: Node) -> Node:
    """A node is who it is by its name; its id is the cluster layer's."""
    return replace(element, id=None) if element.uname is not None else element


def _rule(element: Rule) -> Rule:
    """With one expression there is nothing to join."""
    return replace(element, boolean_op=None) if len(element.expressions) == 1 else element


#: Defaults that depend on what else an element says.
_DEFAULTS: dict[type[Element], Callable[[Any], Element]] = {Order: _order, Node: _node, Rule: _rule}

#: Which names have values of a kind, by the set they stand in.
_WORDS: dict[type[Element], names.KnownNames] = {
    PropertySet: names.PROPERTIES,
    MetaAttributes: names.META,
    ResourceDefaults: names.META,
    OperationDefaults: names.OPERATION_OPTIONS,
}
