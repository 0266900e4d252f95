"""Long forms: any element as a mapping, by the table that the model declares."""

from __future__ import annotations

from typing import Any, TypeVar

from lxml import etree

from pacemaker_os.cib import Element
from pacemaker_os.cib.table import Attribute, layout
from pacemaker_os.cib.values import BOOLEAN, RESOURCE, ROLE, SCORE, Kind, boolean, role
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, describe_node, is_null, shorten
from pacemaker_os.text import did_you_mean

E = TypeVar("E", bound=Element)

#: The key for what the model does not know: `{attributes: {...}, elements: ["<xml/>", ...]}`.
UNKNOWN = "unknown"


def decode(
    cls: type[E], mapping: Mapping, reader: Reader, what: str, *, others: tuple[str, ...] = (), **given: Any
) -> E:
    """Return the element of class `cls` that `mapping` says.

    `given` are fields that the caller read; `others` are keys that the caller would have read.
    """
    made = layout(cls)
    values: dict[str, Any] = {"origin": mapping.origin, **given}
    for name, key, value in mapping:
        spec = made.keys.get(name)
        if name == UNKNOWN:
            values.update(_unknown(cls, value, reader))
        elif spec is None or spec.field in given:
            known = [*others, *(key for key, spec in made.keys.items() if spec.field not in given)]
            near = did_you_mean(name, known)
            said = near or f"; it has {', '.join(known)}" if known else ""
            reader.problem(key, f"{what} has no '{name}'{said}", "unknown-key")
        elif isinstance(spec, Attribute):
            if not is_null(value):
                values[spec.field] = attribute_text(spec, value, reader)
        else:
            values[spec.field] = reader.decoders[spec.form](spec, value, reader)
    for spec in made.attributes:
        if spec.required and spec.field not in values and values.get("id_ref") is None:
            reader.problem(mapping, f"{what} needs '{spec.key}'", "missing-key")
    return cls(**values)


def attribute_text(spec: Attribute, node: Node, reader: Reader) -> str | None:
    """Return the text of an attribute, checked against its kind."""
    text = reader.text(node, f"'{spec.key}'")
    if text is not None and not spec.kind.accepts(text):
        near = did_you_mean(text, spec.kind.choices)
        said = near or f"; it must be {spec.kind.expected}"
        reader.problem(node, f"'{spec.key}' cannot be '{shorten(text)}'{said}", "wrong-value")
    if text is None:
        return None
    return reader.resource(text) if spec.kind is RESOURCE else _for_the_schema(spec.kind, text)


def _for_the_schema(kind: Kind, text: str) -> str:
    """Return the spelling that the schema takes, for words that only Pacemaker's code is generous with."""
    if kind is BOOLEAN and text not in ("true", "false", "1", "0"):
        return "true" if boolean(text) else "false"
    if kind is SCORE and text.upper().endswith("INFINITY"):
        return text.strip().upper()
    return text


def encode(element: Element, writer: Writer, *, without: tuple[str, ...] = ()) -> dict[str, Plain]:
    """Return `element` as a mapping; `without` names fields that the caller writes."""
    made = layout(type(element))
    said: dict[str, Plain] = {}
    invalid: dict[str, Plain] = {}
    for spec in made.attributes:
        value = getattr(element, spec.field)
        if value is None or spec.field in without:
            continue
        if spec.kind.accepts(value):
            said[spec.key] = written(spec, value, writer)
        else:
            invalid[spec.xml] = value
    for kind in made.children:
        value = getattr(element, kind.field)
        if value is None or value == () or kind.field in without:
            continue
        plain = writer.encoders[kind.form](kind, value, writer)
        if plain is not None:
            said[kind.key] = plain
    if invalid or not plain_element(element):
        said[UNKNOWN] = _unknown_plain(element, invalid)
    return said


def written(spec: Attribute, value: str, writer: Writer) -> str:
    """Return an attribute's value as a document says it."""
    if spec.kind is RESOURCE:
        return writer.resource(value)
    if spec.kind is ROLE and writer.new_roles:
        return role(value)
    return value


def plain_element(element: Element) -> bool:
    """Tell whether the model knows all that `element` says."""
    return not element.unknown_attributes and not element.unknown_elements


def _unknown(cls: type[Element], node: Node, reader: Reader) -> dict[str, Any]:
    """Return what the model has no field for, or no kind: values that no schema allows go unchecked here."""
    said: dict[str, Any] = {}
    known = layout(cls).attribute_by_xml
    for name, key, value in reader.mapping(node, f"'{UNKNOWN}'"):
        if name == "attributes":
            pairs = reader.mapping(value, "'attributes'")
            texts = {word: reader.text(text, f"'{word}'") or "" for word, _, text in pairs}
            said["unknown_attributes"] = tuple((w, t) for w, t in texts.items() if w not in known)
            said.update({known[w].field: t for w, t in texts.items() if w in known})
        elif name == "elements":
            items = reader.sequence(value, "'elements'")
            said["unknown_elements"] = tuple(xml for item in items if (xml := xml_text(item, reader)))
        else:
            reader.problem(key, f"'{UNKNOWN}' has attributes and elements, no '{name}'", "unknown-key")
    return said


def xml_text(node: Node, reader: Reader) -> str | None:
    """Return the text of a scalar that must be one XML element."""
    text = reader.text(node, "an unknown element")
    if text is None:
        return None
    try:
        etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        reader.problem(node, f"{describe_node(node)} is no XML element: {error}", "xml")
        return None
    return text


def _unknown_plain(element: Element, invalid: dict[str, Plain]) -> Plain:
    said: dict[str, Plain] = {}
    if attributes := {**invalid, **dict(element.unknown_attributes)}:
        said["attributes"] = attributes
    if element.unknown_elements:
        said["elements"] = list(element.unknown_elements)
    return said
