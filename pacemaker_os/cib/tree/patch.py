"""A change of the configuration as Pacemaker's patch format 2, with the version that it is made for.

Pacemaker finds a patch's places by `/tag[@id='…']`, and takes the first child of that tag where there
is no id. So `crm_diff` writes wrong patches for siblings without ids (an nvpair or a rule that is an
id-ref) and says success. Here, what cannot be addressed is replaced together with the nearest
ancestor that can be.

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
    """The children of an element cannot be told apart by paths: the element is replaced whole."""


def make_patch(live: etree._Element, target: etree._Element, version: Version) -> etree._Element:
    """The patch that makes the configuration of `live` that of `target`, and its schema; both are `<cib>`.

    The header names all three fields of both versions: without it Pacemaker guards nothing, and from
    3.0.2 on it refuses a header with fewer.
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
        patch.append(_other_schema(live, target, version if changes else version.next()))
    return patch


def _other_schema(live: etree._Element, target: etree._Element, version: Version) -> etree._Element:
    """The change of the schema's name; it must repeat all that `<cib>` says.

    Pacemaker itself raises the epoch for a change within <configuration>, and for this one it does not:
    where there is no other, `version` is the next one.
    """
    new = etree.Element("cib", {**content.attributes(live), **version.attributes()})
    new.set(_SCHEMA, str(target.get(_SCHEMA)))
    return _modify(live, new, "/cib")


def _changes(old: etree._Element, new: etree._Element, path: str) -> Iterator[etree._Element]:
    """What makes `old` (found by `path`) into `new`."""
    if content.attributes(old) != content.attributes(new):
        yield _modify(old, new, path)
    if content.canonical(old) == content.canonical(new):
        return
    olds, news = _children(old), _children(new)
    common = [key for key in olds if key in news]
    if common != [key for key in news if key in olds]:
        raise _Unaddressable
    for key, child in olds.items():
        if key not in news:
            yield etree.Element("change", operation="delete", path=f"{path}{_step(child)}")
    for position, (key, child) in enumerate(news.items()):
        if key not in olds:
            yield _create(path, position, child)
            continue
        child_path = f"{path}{_step(child)}"
        try:
            yield from list(_changes(olds[key], child, child_path))
        except _Unaddressable:
            yield from _replacement(olds[key], child_path, path, position, child)


def _children(element: etree._Element) -> dict[tuple[str, str], etree._Element]:
    """The children by what a path can say of them."""
    tags = Counter(child.tag for child in element)
    children: dict[tuple[str, str], etree._Element] = {}
    for child in element:
        if not isinstance(child.tag, str):
            raise _Unaddressable  # a comment (or an instruction) has no path
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
