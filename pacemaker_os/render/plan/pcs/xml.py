"""The parts of an element that pcs can write: plain sets of values, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.vocabulary import REFERENCE_ATTRIBUTES, REFERENCE_TAGS, RESOURCE_TAGS


def plain_pairs(element: etree._Element, tag: str) -> dict[str, str] | None:
    """Return the values of the only set with this tag; None if pcs cannot write the sets."""
    sets = element.findall(tag)
    if not sets:
        return {}
    found: dict[str, str] = {}
    for pair in sets[0]:
        name = pair.get("name")
        known = pair.tag == "nvpair" and has_only(pair, ("id", "name", "value")) and not len(pair)
        if not known or name is None or pair.get("value") is None or name in found:
            return None
        found[str(name)] = str(pair.get("value"))
    return found if len(sets) == 1 and has_only(sets[0], ("id",)) else None


def has_only(
    element: etree._Element, attributes: Collection[str], children: Collection[str] | None = None
) -> bool:
    """Return whether an element has no other attributes, and no other children unless `children` is None."""
    known = set(content.attributes(element)) <= set(attributes)
    return known and (children is None or all(child.tag in children for child in element))


def without(element: etree._Element, *tags: str) -> bytes:
    """Return the content of an element without the children that have these tags."""
    copy = etree.Element(element.tag, content.attributes(element))
    copy.extend(etree.fromstring(etree.tostring(each)) for each in element if each.tag not in tags)
    return content.canonical(copy)


def resource_ids(element: etree._Element) -> set[str]:
    """Return the ids of the resources in an element, including itself."""
    return {str(each.get("id")) for each in element.iter(*RESOURCE_TAGS)}


def ids(element: etree._Element) -> set[str]:
    """Return the ids of an element and of everything in it, without references."""
    return {
        str(each.get("id"))
        for each in element.iter("*")
        if each.get("id") is not None and each.tag not in REFERENCE_TAGS
    }


def references(element: etree._Element) -> set[str]:
    """Return the ids of other objects that an element and its parts name."""
    return set(_references(element)) - ids(element)


def _references(element: etree._Element) -> Iterator[str]:
    for each in element.iter("*"):
        if each.tag in REFERENCE_TAGS:
            yield str(each.get("id"))
        yield from (str(each.get(name)) for name in (*REFERENCE_ATTRIBUTES, "id-ref") if each.get(name))
        if each.tag == "fencing-level":
            yield from str(each.get("devices", "")).split(",")


def objects(cib: etree._Element) -> Iterator[etree._Element]:
    """Yield the objects of a `<cib>`: the children of the sections of its configuration."""
    for section in content.configuration(cib):
        yield from section.iterchildren("*")
