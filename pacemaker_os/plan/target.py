"""The planned configuration: the live one, with the operations done to it and nothing else touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.errors import Conflict
from pacemaker_os.plan import tree
from pacemaker_os.plan.operation import Operation, Step
from pacemaker_os.plan.text import from_text


def planned(cib: etree._Element, operations: Iterable[Operation]) -> etree._Element:
    """A copy of a `<cib>` after the operations.

    Raises Conflict when an operation does not fit: the element is not the one that it was made for.
    """
    result = deepcopy(cib)
    # Removals come first: what is added may take an id that is still in use.
    for operation in sorted(operations, key=lambda operation: operation.action != "remove"):
        _perform(tree.configuration(result), operation)
    return result


def _perform(configuration: etree._Element, operation: Operation) -> None:
    parent = _place(configuration, operation.place)
    old = from_text(operation.old) if operation.old is not None else None
    new = from_text(operation.new) if operation.new is not None else None
    if old is None:
        if new is not None:
            _refuse_existing(parent, new, operation)
            parent.append(new)
        return
    present = _find(parent, old)
    if present is None or not tree.same(present, old):
        what = f"{operation.kind} {operation.name}".strip()
        raise Conflict(f"{what} is not what the plan was made for; nothing was written. Plan again")
    if new is None:
        parent.remove(present)
    else:
        parent.replace(present, new)


def _place(configuration: etree._Element, steps: Sequence[Step]) -> etree._Element:
    """The element that the steps lead to; what is missing on the way is made."""
    place = configuration
    for tag, attributes in steps:
        identifier = dict(attributes).get("id")
        siblings = place.iterchildren(tag)
        found = next((each for each in siblings if identifier in (None, each.get("id"))), None)
        place = etree.SubElement(place, tag, dict(attributes)) if found is None else found
    return place


def _find(parent: etree._Element, element: etree._Element) -> etree._Element | None:
    identifier = element.get("id")
    return next((each for each in parent.iterchildren(element.tag) if each.get("id") == identifier), None)


def _refuse_existing(parent: etree._Element, new: etree._Element, operation: Operation) -> None:
    if _find(parent, new) is not None:
        what = f"{operation.kind} {operation.name}".strip()
        raise Conflict(f"{what} is there already; nothing was written. Plan again")
