"""The result of a patch, computed before the patch is sent to Pacemaker.

The steps are those of pacemaker-based, regardless of how the patch was created: first deletions and changes
of attributes in their order, then creations by position.
"""

from __future__ import annotations

import re
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.errors import ClusterError

_STEP = re.compile(r"/([^/\[]+)(?:\[@id='([^']*)'\])?")


def replay(patch: etree._Element, live: etree._Element) -> etree._Element:
    """Return the `<cib>` that results from applying the patch to `live`. Its version is not updated.

    Raises:
        ClusterError: Pacemaker would reject the patch.
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
        _require(result, change.get("path", "")).insert(int(change.get("position", "0")), deepcopy(change[0]))
    return result


def check_patch(patch: etree._Element, live: etree._Element, target: etree._Element) -> None:
    """Check that the patch results in the configuration and the schema of the target.

    Raises:
        ClusterError: The result differs, or Pacemaker would reject the patch.
    """
    if not content.same_content(replay(patch, live), target):
        raise ClusterError(
            "internal error: the patch does not result in the planned configuration. Nothing was written; "
            "report this bug",
            code="bad-patch",
        )


def _find(cib: etree._Element, path: str) -> etree._Element | None:
    (root, _), *steps = _STEP.findall(path)
    if root != cib.tag:
        return None
    element: etree._Element | None = cib
    for tag, identifier in steps:
        if element is None:
            return None
        children = element.iterchildren(tag)
        element = next((child for child in children if not identifier or child.get("id") == identifier), None)
    return element


def _require(cib: etree._Element, path: str) -> etree._Element:
    element = _find(cib, path)
    if element is None:
        raise ClusterError(
            f"internal error: the patch changes {path}, which does not exist", code="bad-patch"
        )
    return element


def _delete(cib: etree._Element, path: str) -> None:
    element = _find(cib, path)
    parent = element.getparent() if element is not None else None
    if element is not None and parent is not None:
        parent.remove(element)


def _modify(cib: etree._Element, change: etree._Element) -> None:
    element = _require(cib, change.get("path", ""))
    element.attrib.clear()
    for result in change.iterfind("change-result/*"):
        for name, value in content.attributes(result).items():
            element.set(name, value)
