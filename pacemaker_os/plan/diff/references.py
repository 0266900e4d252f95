"""References that a plan would leave without a target. Pacemaker rejects or ignores them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.cib.constraints import ResourceRef
from pacemaker_os.cib.tree.vocabulary import REFERENCE_ATTRIBUTES, REFERENCE_TAGS
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange


def reject_dangling(target: etree._Element, changes: Iterable[ConfigChange]) -> None:
    """Check that nothing in the `<cib>` `target` references an object that the changes remove.

    Raises:
        InputError: A reference to a removed object remains.
    """
    removed = {change.name: change for change in changes if change.action == "remove"}
    if not removed:
        return
    present = {
        str(element.get("id"))
        for element in target.iterfind("configuration//*[@id]")
        if element.tag not in REFERENCE_TAGS
    }
    problems = [
        Problem("plan", 0, 0, _message(removed[name], _owner(element)), "dangling")
        for element, name in _references(target)
        if name in removed and name not in present
    ]
    if problems:
        raise InputError(problems)


def _message(change: ConfigChange, owner: str) -> str:
    return (
        f"cannot remove {change.kind} '{change.name}': {owner}, which no document owns, still references it; "
        f"remove {owner} first, or use --authoritative"
    )


def _references(target: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for element in target.iterfind("configuration//*"):
        if element.tag == ResourceRef.tag:
            yield element, str(element.get("id"))
        for name in REFERENCE_ATTRIBUTES:
            if element.get(name):
                yield element, str(element.get(name))


def _owner(element: etree._Element) -> str:
    """Return the tag and the id of the object that contains an element."""
    around = [element, *element.iterancestors()]
    # From the outside in: <cib>, <configuration>, the section, the object.
    element = around[-4] if len(around) > 3 else element
    return f"{element.tag} '{element.get('id')}'"
