"""Conversion between XML and the model, driven by the layout of the classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from lxml import etree

from pacemaker_os.cib.element import Element, Opaque
from pacemaker_os.cib.nvsets import MetaAttributes, NvPair
from pacemaker_os.cib.resources import MASTER, Clone
from pacemaker_os.cib.table import layout


def from_element(cls: type[Element], node: etree._Element) -> Element:
    """Return the element of class `cls` for an XML node."""
    if node.tag == MASTER:
        return _promotable(cast("Clone", _read(Clone, node)))
    return _read(cls, node)


def to_element(element: Element) -> etree._Element:
    """Return an element as XML. Its ids must be assigned."""
    if isinstance(element, Opaque):
        return etree.fromstring(element.xml)
    node = etree.Element(element.tag)
    _fill(node, element)
    return node


def indented(node: etree._Element) -> str:
    """Return XML as text, indented by two spaces."""
    etree.indent(node, space="  ")
    return etree.tostring(node, encoding="unicode") + "\n"


def _read(cls: type[Element], node: etree._Element) -> Element:
    cls_layout = layout(cls)
    values: dict[str, Any] = {}
    unknown_attributes: list[tuple[str, str]] = []
    for name, value in node.attrib.items():
        spec = cls_layout.attribute_by_xml.get(str(name))
        if spec is None:
            unknown_attributes.append((str(name), str(value)))
        else:
            values[spec.field] = str(value)
    if unknown_attributes:
        values["unknown_attributes"] = tuple(unknown_attributes)
    if len(node):
        classes = {tag: cls for tag, (_, cls) in cls_layout.child_by_xml.items()}
        known, unknown, comments = read_children(node, classes)
        for child in known:
            kind = cls_layout.child_by_xml[child.tag][0]
            if kind.many:
                values[kind.field] = (*values.get(kind.field, ()), child)
            elif kind.field in values:
                # Pacemaker reads only the first of several elements.
                unknown.append(to_element(child))
            else:
                values[kind.field] = child
        values["unknown_elements"] = tuple(map(verbatim, unknown))
        values["comments"] = tuple(comments)
    return cls(**values)


def read_children(
    node: etree._Element, classes: dict[str, type[Element]]
) -> tuple[list[Element], list[etree._Element], list[str]]:
    """Return the children of known classes, the unknown children, and the comments after the last child."""
    known: list[Element] = []
    unknown: list[etree._Element] = []
    comments: list[str] = []
    for child in node:
        if isinstance(child, etree._Comment):
            comments.append(verbatim(child))
            continue
        tag = str(child.tag)
        cls = classes.get(Clone.tag if tag == MASTER else tag)
        if cls is None:
            unknown.append(child)
            continue
        element = from_element(cls, child)
        if comments:
            element = replace(element, comments=(*comments, *element.comments))
            comments = []
        known.append(element)
    return known, unknown, comments


def _promotable(clone: Clone) -> Clone:
    """Return a <master> as a promotable clone."""
    sets = [
        replace(nvset, nvpairs=tuple(pair for pair in nvset.nvpairs if pair.name != "promotable"))
        for nvset in clone.meta_attributes
    ]
    plain = next((i for i, nvset in enumerate(sets) if nvset.rule is None and nvset.id_ref is None), None)
    if plain is None:
        sets.insert(0, MetaAttributes())
        plain = 0
    pair = NvPair(name="promotable", value="true")
    sets[plain] = replace(sets[plain], nvpairs=(*sets[plain].nvpairs, pair))
    return replace(clone, meta_attributes=tuple(sets))


def _fill(node: etree._Element, element: Element) -> None:
    cls_layout = layout(type(element))
    for spec in cls_layout.attributes:
        value = getattr(element, spec.field)
        if value is not None:
            node.set(spec.xml, value)
    for name, value in element.unknown_attributes:
        node.set(name, value)
    for kind in cls_layout.children:
        value = getattr(element, kind.field)
        if value is None or value == ():
            continue
        for child in value if kind.many else (value,):
            append(node, child)
    node.extend(etree.fromstring(xml) for xml in element.unknown_elements)


def append(parent: etree._Element, element: Element) -> None:
    """Append an element, after the comments before it."""
    parent.extend(etree.Comment(text) for text in element.comments)
    if isinstance(element, Opaque):
        parent.append(etree.fromstring(element.xml))
    else:
        _fill(etree.SubElement(parent, element.tag), element)


def pairs(node: etree._Element) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a node as (name, value)."""
    return tuple((str(name), str(value)) for name, value in node.attrib.items())


def verbatim(node: etree._Element) -> str:
    """Return the text of a comment, or the XML of an element."""
    if isinstance(node, etree._Comment):
        return str(node.text or "")
    return etree.tostring(node, encoding="unicode", with_tail=False)
