"""What Pacemaker will make of a patch, worked out before the patch is sent.

This follows the daemon's steps and knows nothing of how a patch was made: deletions and changes of
attributes first, in order; then creations, by position.
"""

from __future__ import annotations

import re
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.errors import ClusterError

_STEP = re.compile(r"/([^/\[]+)(?:\[@id='([^']*)'\])?")


def replay(patch: etree._Element, live: etree._Element) -> etree._Element:
    """The `<cib>` that the patch leaves behind when it is applied to `live`, but for the version.

    Raises ClusterError where Pacemaker would refuse the patch.
    """
    result = deepcopy(live)
    creations = []
    for change in patch.iterchildren("change"):
        match change.get("operation"):
            case "delete":
                _delete(result, change.get("path", ""))
            case "modify":
                _modify(result, change)
            case _:
                creations.append(change)
    for change in sorted(creations, key=lambda change: int(change.get("position", "0"))):
        _found(result, change.get("path", "")).insert(int(change.get("position", "0")), deepcopy(change[0]))
    return result


def check_patch(patch: etree._Element, live: etree._Element, target: etree._Element) -> None:
    """Raise ClusterError when the patch does not lead to exactly the target's configuration and schema."""
    reached = replay(patch, live)
    if not content.same_content(reached, target):
        message = "the patch does not lead to the planned configuration; nothing was written. This is a bug"
        raise ClusterError(f"{message}: please report it", code="bad-patch")


def _find(cib: etree._Element, path: str) -> etree._Element | None:
    (root, _), *steps = _STEP.findall(path)
    if root != cib.tag:
        return None
    place: etree._Element | None = cib
    for tag, identifier in steps:
        if place is None:
            return None
        children = place.iterchildren(tag)
        place = next((child for child in children if not identifier or child.get("id") == identifier), None)
    return place


def _found(cib: etree._Element, path: str) -> etree._Element:
    place = _find(cib, path)
    if place is None:
        raise ClusterError(f"the patch changes {path}, which is not there", code="bad-patch")
    return place


def _delete(cib: etree._Element, path: str) -> None:
    place = _find(cib, path)
    parent = place.getparent() if place is not None else None
    if place is not None and parent is not None:
        parent.remove(place)


def _modify(cib: etree._Element, change: etree._Element) -> None:
    place = _found(cib, change.get("path", ""))
    place.attrib.clear()
    for result in change.iterfind("change-result/*"):
        for name, value in content.attributes(result).items():
            place.set(name, value)
