"""Names that would point nowhere once a plan is written: Pacemaker refuses those, or passes them over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.cib.constraints import ResourceRef
from pacemaker_os.cib.tree.vocabulary import REFERENCE_ATTRIBUTES, REFERENCE_TAGS
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange


def refuse_dangling(target: etree._Element, operations: Iterable[ConfigChange]) -> None:
    """Raise InputError when a removal leaves a name behind that nothing answers to."""
    gone = {operation.name: operation for operation in operations if operation.action == "remove"}
    if not gone:
        return
    present = {
        str(element.get("id")) for element in target.iterfind("configuration//*[@id]") if _declares(element)
    }
    problems = [
        Problem(
            "plan",
            0,
            0,
            f"{gone[name].kind} '{name}' is to be removed, but {_owner(element)} still names it, and no "
            "document says that one; remove it first, or use --authoritative",
            "dangling",
        )
        for element, name in _names(target)
        if name in gone and name not in present
    ]
    if problems:
        raise InputError(problems)


def _names(target: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for element in target.iterfind("configuration//*"):
        if element.tag == ResourceRef.tag:
            yield element, str(element.get("id"))
        for name in REFERENCE_ATTRIBUTES:
            if element.get(name):
                yield element, str(element.get(name))


def _declares(element: etree._Element) -> bool:
    return element.tag not in REFERENCE_TAGS


def _owner(element: etree._Element) -> str:
    """The object that an element stands in, in words."""
    around = [element, *element.iterancestors()]
    # From the outside in: <cib>, <configuration>, the section, the object.
    element = around[-4] if len(around) > 3 else element
    return f"{element.tag} '{element.get('id')}'"
