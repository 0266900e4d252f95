"""Patches of the configuration in Pacemaker's patch format 2, each for one version of the CIB.

Pacemaker finds the target of a change by `/tag[@id='…']`, or takes the first child of that tag if the path
has no id. Therefore `crm_diff` creates wrong patches for siblings without ids (an nvpair or a rule with an
id-ref) and reports success. Here, an element that has no unique path is replaced together with the closest
ancestor that has one.

Source: lib/common/patchset.c of Pacemaker 2.1.5, 3.0.0 and 3.0.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.version import Version

ROOT_PATH = "/cib/configuration"

_SCHEMA = "validate-with"


class _Unaddressable(Exception):
    """The children of an element have no unique paths, so the whole element must be replaced."""


def make_patch(live: etree._Element, target: etree._Element, version: Version) -> etree._Element:
    """Return the patch that turns the configuration and the schema of `live` into those of `target`.

    Both are `<cib>`. The header contains all three fields of both versions. Without a header, Pacemaker does
    not check the version. Since 3.0.2, it rejects incomplete headers.
    """
    old, new = content.configuration(live), content.configuration(target)
    try:
        changes = list(_changes(old, new, ROOT_PATH))
    except _Unaddressable:
        changes = list(_replacement(old, ROOT_PATH, "/cib", list(target).index(new), new))
    patch = etree.Element("diff", format="2")
    header = etree.SubElement(patch, "version")
    etree.SubElement(header, "source", version.attributes())
    etree.SubElement(header, "target", version.next().attributes())
    patch.extend(sorted(changes, key=lambda change: change.get("operation") == "create"))
    if live.get(_SCHEMA) != target.get(_SCHEMA):
        patch.append(_schema_change(live, target, version if changes else version.next()))
    return patch


def _schema_change(live: etree._Element, target: etree._Element, version: Version) -> etree._Element:
    """Return the change of the schema, which must repeat all attributes of the `<cib>`.

    Pacemaker increments the epoch for a change of the configuration, but not for this one. If there is no
    other change, `version` must be the next version.
    """
    new = etree.Element("cib", {**content.attributes(live), **version.attributes()})
    new.set(_SCHEMA, str(target.get(_SCHEMA)))
    return _modify(live, new, "/cib")


def _changes(old: etree._Element, new: etree._Element, path: str) -> Iterator[etree._Element]:
    """Yield the changes that turn `old`, which is at `path`, into `new`."""
    if content.attributes(old) != content.attributes(new):
        yield _modify(old, new, path)
    if content.canonical(old) == content.canonical(new):
        return
    old_children, new_children = _children(old), _children(new)
    common = [key for key in old_children if key in new_children]
    if common != [key for key in new_children if key in old_children]:
        raise _Unaddressable
    for key, child in old_children.items():
        if key not in new_children:
            yield etree.Element("change", operation="delete", path=f"{path}{_step(child)}")
    for position, (key, child) in enumerate(new_children.items()):
        if key not in old_children:
            yield _create(path, position, child)
            continue
        child_path = f"{path}{_step(child)}"
        try:
            yield from list(_changes(old_children[key], child, child_path))
        except _Unaddressable:
            yield from _replacement(old_children[key], child_path, path, position, child)


def _children(element: etree._Element) -> dict[tuple[str, str], etree._Element]:
    """Return the children by the tag and the id in their paths."""
    tags = Counter(child.tag for child in element)
    children: dict[tuple[str, str], etree._Element] = {}
    for child in element:
        if not isinstance(child.tag, str):
            raise _Unaddressable  # Comments and processing instructions have no path.
        key = (child.tag, child.get("id", ""))
        if key in children or "'" in key[1] or (not key[1] and tags[child.tag] > 1):
            raise _Unaddressable
        children[key] = child
    return children


def _step(element: etree._Element) -> str:
    identifier = element.get("id")
    return f"/{element.tag}[@id='{identifier}']" if identifier else f"/{element.tag}"


def _create(parent_path: str, position: int, element: etree._Element) -> etree._Element:
    change = etree.Element("change", operation="create", path=parent_path, position=str(position))
    change.append(deepcopy(element))
    return change


def _replacement(
    old: etree._Element, path: str, parent_path: str, position: int, new: etree._Element
) -> Iterator[etree._Element]:
    yield etree.Element("change", operation="delete", path=path)
    yield _create(parent_path, position, new)


def _modify(old: etree._Element, new: etree._Element, path: str) -> etree._Element:
    change = etree.Element("change", operation="modify", path=path)
    attributes = etree.SubElement(change, "change-list")
    for name in content.attributes(old):
        if name not in new.attrib:
            etree.SubElement(attributes, "change-attr", name=name, operation="unset")
    for name, value in content.attributes(new).items():
        if old.get(name) != value:
            etree.SubElement(attributes, "change-attr", name=name, operation="set", value=value)
    result = etree.SubElement(change, "change-result")
    etree.SubElement(result, new.tag, content.attributes(new))
    return change
