"""Conversion between XML and the model, driven by the layout of the classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from lxml import etree

from pacemaker_os.cib.configuration import Cib, Opaque
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.ids import assign
from pacemaker_os.cib.nvsets import MetaAttributes, NvPair
from pacemaker_os.cib.resources import Clone
from pacemaker_os.cib.schema import with_roles_of
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.tree.parse import CibError, parse_xml
from pacemaker_os.cib.tree.vocabulary import MASTER

#: Sections that the schema requires, even if they are empty.
_REQUIRED = ("crm_config", "nodes", "resources", "constraints")


def read_cib(data: bytes | str) -> Cib:
    """Parse a `<cib>` or a `<configuration>`; the status is ignored.

    Raises:
        CibError: `data` is not XML, or it is something else.
    """
    try:
        return cib_from_element(parse_xml(data))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CibError(f"invalid XML: {error}") from error


def cib_from_element(root: etree._Element) -> Cib:
    """Return the model of a `<cib>` or a `<configuration>`; the status is ignored.

    Raises:
        CibError: `root` is something else.
    """
    if root.tag == "cib":
        configuration = root.find("configuration")
        attributes = _pairs(root)
    elif root.tag == "configuration":
        configuration, attributes = root, ()
    else:
        raise CibError(f"not a CIB: expected <cib> or <configuration>, found <{root.tag}>")
    if configuration is None:
        raise CibError("the <cib> has no <configuration>")
    return replace(_read_configuration(configuration), attributes=attributes)


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


def configuration_element(cib: Cib) -> etree._Element:
    """Return the <configuration> of `cib` with all ids, and with the names of roles in its schema."""
    cib = assign(with_roles_of(cib.validate_with, cib))
    root = etree.Element("configuration")
    root.extend(etree.Comment(text) for text in cib.comments)
    for name, value in cib.unknown_attributes:
        root.set(name, value)
    for spec in layout(Cib).children:
        objects = getattr(cib, spec.field)
        opaque = [each for each in cib.opaque if each.section == spec.section]
        if objects or opaque or spec.section in _REQUIRED:
            section = etree.SubElement(root, spec.section or "")
            for element in (*objects, *opaque):
                _append(section, element)
    root.extend(etree.fromstring(xml) for xml in cib.unknown_elements)
    return root


def to_xml(cib: Cib) -> str:
    """Return the `<configuration>` of `cib` as indented text, with generated ids where they are missing."""
    return indented(configuration_element(cib))


def indented(node: etree._Element) -> str:
    """Return XML as text, indented by two spaces."""
    etree.indent(node, space="  ")
    return etree.tostring(node, encoding="unicode") + "\n"


def _read_configuration(node: etree._Element) -> Cib:
    sections = {spec.section: spec for spec in layout(Cib).children}
    found: dict[str, tuple[Element, ...]] = {}
    opaque: list[Opaque] = []
    unknown: list[str] = []
    comments: list[str] = []
    for section in node:
        spec = sections.get(str(section.tag))
        if spec is None:
            (comments if isinstance(section, etree._Comment) else unknown).append(_verbatim(section))
            continue
        known, unknown_objects, section_comments = _read_children(
            section, {cls.tag: cls for cls in spec.classes}
        )
        found[spec.field] = found.get(spec.field, ()) + tuple(known)
        comments += section_comments
        opaque += [
            Opaque(section=section.tag, tag=str(each.tag), id=each.get("id"), xml=_verbatim(each))
            for each in unknown_objects
        ]
    return Cib(
        **cast("Any", found),
        comments=tuple(comments),
        opaque=tuple(opaque),
        unknown_attributes=_pairs(node),
        unknown_elements=tuple(unknown),
    )


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
        known, unknown, comments = _read_children(node, classes)
        for child in known:
            kind = cls_layout.child_by_xml[child.tag][0]
            if kind.many:
                values[kind.field] = (*values.get(kind.field, ()), child)
            elif kind.field in values:
                # Pacemaker reads only the first of several elements.
                unknown.append(to_element(child))
            else:
                values[kind.field] = child
        values["unknown_elements"] = tuple(map(_verbatim, unknown))
        values["comments"] = tuple(comments)
    return cls(**values)


def _read_children(
    node: etree._Element, classes: dict[str, type[Element]]
) -> tuple[list[Element], list[etree._Element], list[str]]:
    """Return the children of known classes, the unknown children, and the comments after the last child."""
    known: list[Element] = []
    unknown: list[etree._Element] = []
    comments: list[str] = []
    for child in node:
        if isinstance(child, etree._Comment):
            comments.append(_verbatim(child))
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
            _append(node, child)
    node.extend(etree.fromstring(xml) for xml in element.unknown_elements)


def _append(parent: etree._Element, element: Element) -> None:
    parent.extend(etree.Comment(text) for text in element.comments)
    if isinstance(element, Opaque):
        parent.append(etree.fromstring(element.xml))
    else:
        _fill(etree.SubElement(parent, element.tag), element)


def _pairs(node: etree._Element) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in node.attrib.items())


def _verbatim(node: etree._Element) -> str:
    """Return the text of a comment, or the XML of an element."""
    if isinstance(node, etree._Comment):
        return str(node.text or "")
    return etree.tostring(node, encoding="unicode", with_tail=False)
