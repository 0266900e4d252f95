"""References that a plan would leave without a target. Pacemaker rejects or ignores them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.constraints import ResourceRef
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.vocabulary import REFERENCE_ATTRIBUTES, REFERENCE_TAGS
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.item import KINDS
from pacemaker_os.plan.diff.ownership import owned


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
    dangling = [
        (removed[name], element)
        for element, name in _references(target)
        if name in removed and name not in present
    ]
    if not dangling:
        return
    ownership = owned(Cib.from_element(content.configuration(target)))
    owners = {key: document for document, keys in ownership.items() for key in keys}
    raise InputError(
        Problem("plan", 0, 0, _message(change, _referrer(element), owners), "dangling")
        for change, element in dangling
    )


#: The commands of pcs that delete a referrer, by the section that contains it.
_DELETE = {
    "constraints": "pcs constraint delete",
    "resources": "pcs resource delete",
    "tags": "pcs tag delete",
}


def _message(change: ConfigChange, referrer: etree._Element, owners: Mapping[str, str]) -> str:
    name = str(referrer.get("id"))
    owner = owners.get(f"{referrer.tag}:{name}")
    if owner is not None:
        whose, remedy = f"which document '{owner}' owns", "remove the reference from that document first"
    else:
        section = referrer.getparent()
        command = _DELETE.get(str(section.tag)) if section is not None else None
        example = f" (for example: {command} {name})" if command else ""
        whose, remedy = "which no document owns", f"declare it in a document, or remove it first{example}"
    what = f"{_kind(referrer)} '{name}', {whose}, refers to it"
    return f"cannot remove {change.kind} '{change.name}': {what}; {remedy}"


def _kind(element: etree._Element) -> str:
    tag = str(element.tag)
    kind = KINDS.get(tag, tag)
    return f"{kind} constraint" if tag.startswith("rsc_") else kind


def _references(target: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    for element in target.iterfind("configuration//*"):
        if element.tag == ResourceRef.tag:
            yield element, str(element.get("id"))
        for name in REFERENCE_ATTRIBUTES:
            if element.get(name):
                yield element, str(element.get(name))


def _referrer(element: etree._Element) -> etree._Element:
    """Return the object that contains an element."""
    around = [element, *element.iterancestors()]
    # From the outside in: <cib>, <configuration>, the section, the object.
    return around[-4] if len(around) > 3 else element
