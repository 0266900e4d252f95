"""The long form: any element as a mapping, driven by the table of the model."""

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
    cls: type[E], mapping: Mapping, reader: Reader, what: str, *, others: tuple[str, ...] = (), **fields: Any
) -> E:
    """Return the element of class `cls` that `mapping` declares.

    `what` names the element in messages. `fields` are those that the caller decoded; `others` are keys that
    the caller decodes.
    """
    table = layout(cls)
    values: dict[str, Any] = {"origin": mapping.origin, **fields}
    for name, key, value in mapping:
        spec = table.keys.get(name)
        if name == UNKNOWN:
            values.update(_decode_unknown(cls, value, reader))
        elif spec is None or spec.field in fields:
            known = [*others, *(key for key, spec in table.keys.items() if spec.field not in fields)]
            remedy = did_you_mean(name, known) or (f"; supported keys: {', '.join(known)}" if known else "")
            reader.problem(key, f"unknown key '{name}' in {what}{remedy}", "unknown-key")
        elif isinstance(spec, Attribute):
            if not is_null(value):
                values[spec.field] = _decode_attribute(spec, value, reader)
        else:
            values[spec.field] = reader.decoders[spec.form](spec, value, reader)
    for spec in table.attributes:
        if spec.required and spec.field not in values and values.get("id_ref") is None:
            reader.problem(mapping, f"{what} requires '{spec.key}'", "missing-key")
    return cls(**values)


def own_keys(cls: type[Element], *hidden: str) -> frozenset[str]:
    """Return the keys of the long form of `cls` without those that appear elsewhere."""
    return frozenset((*layout(cls).keys, UNKNOWN)) - frozenset(hidden)


def split_own(cls: type[Element], mapping: Mapping, *hidden: str) -> tuple[Mapping, Mapping | None]:
    """Split a mapping that can mix keys of `cls` with free names, for example of meta attributes.

    Returns the keys that belong to the element, and the free names. These are None in a long form, which
    has a key for children: in that form every key belongs to the element.
    """
    own = own_keys(cls, *hidden)
    keys = layout(cls).keys
    nested = {key for key in own if not isinstance(keys.get(key), Attribute)}
    if any(name in nested for name, _, _ in mapping):
        return mapping, None
    return mapping.only(own), mapping.without(*own)


def _decode_attribute(spec: Attribute, node: Node, reader: Reader) -> str | None:
    """Return the value of an attribute after validating it."""
    text = reader.text(node, f"'{spec.key}'")
    if text is not None and not spec.kind.accepts(text) and choice(spec.kind, text) is None:
        remedy = did_you_mean(text, spec.kind.choices) or f"; use {spec.kind.expected}"
        reader.problem(node, f"invalid value '{shorten(text)}' for '{spec.key}'{remedy}", "wrong-value")
    if text is None:
        return None
    return reader.resource(text) if spec.kind is RESOURCE else _normalize(spec.kind, text)


def _normalize(kind: Kind, text: str) -> str:
    """Return the spelling that the schema allows; the Pacemaker daemons accept more spellings."""
    if kind is BOOLEAN and text not in ("true", "false", "1", "0"):
        return "true" if boolean(text) else "false"
    if kind is SCORE and text.upper().endswith("INFINITY"):
        return text.strip().upper()
    if kind.choices:
        return choice(kind, text) or text
    return text


def choice(kind: Kind, text: str) -> str | None:
    """Return the word of `kind` that `text` spells in any capitalization, None if there is none."""
    return next((word for word in kind.choices if word.lower() == text.lower()), None)


def encode(element: Element, writer: Writer, *, without: tuple[str, ...] = ()) -> dict[str, Plain]:
    """Return `element` as a mapping; `without` names fields that the caller encodes."""
    table = layout(type(element))
    keys: dict[str, Plain] = {}
    invalid: dict[str, Plain] = {}
    for spec in table.attributes:
        value = getattr(element, spec.field)
        if value is None or spec.field in without:
            continue
        if spec.kind.accepts(value):
            keys[spec.key] = _encode_attribute(spec, value, writer)
        else:
            invalid[spec.xml] = value
    for kind in table.children:
        value = getattr(element, kind.field)
        if value is None or value == () or kind.field in without:
            continue
        plain = writer.encoders[kind.form](kind, value, writer)
        if plain is not None:
            keys[kind.key] = plain
    if invalid or not plain_element(element):
        keys[UNKNOWN] = _encode_unknown(element, invalid)
    return keys


def _encode_attribute(spec: Attribute, value: str, writer: Writer) -> str:
    """Return the value of an attribute in a document."""
    if spec.kind is RESOURCE:
        return writer.resource(value)
    if spec.kind is ROLE and writer.new_roles:
        return role(value)
    return value


def plain_element(element: Element) -> bool:
    """Return whether the model knows all attributes and children of `element`."""
    return not element.unknown_attributes and not element.unknown_elements


def _decode_unknown(cls: type[Element], node: Node, reader: Reader) -> dict[str, Any]:
    """Return the fields that `unknown:` declares: attributes and elements without validation."""
    fields: dict[str, Any] = {}
    known = layout(cls).attribute_by_xml
    for name, key, value in reader.mapping(node, f"'{UNKNOWN}'"):
        if name == "attributes":
            pairs = reader.mapping(value, "'attributes'")
            texts = {key: reader.text(text, f"'{key}'") or "" for key, _, text in pairs}
            fields["unknown_attributes"] = tuple((k, t) for k, t in texts.items() if k not in known)
            fields.update({known[k].field: t for k, t in texts.items() if k in known})
        elif name == "elements":
            items = reader.sequence(value, "'elements'")
            fields["unknown_elements"] = tuple(xml for item in items if (xml := xml_text(item, reader)))
        else:
            message = f"unknown key '{name}' in '{UNKNOWN}'; supported keys: attributes, elements"
            reader.problem(key, message, "unknown-key")
    return fields


def xml_text(node: Node, reader: Reader) -> str | None:
    """Return the text of a scalar that must be an XML element."""
    text = reader.text(node, "an unknown element")
    if text is None:
        return None
    try:
        etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        reader.problem(node, f"invalid XML element {describe_node(node)}: {error}", "xml")
        return None
    return text


def _encode_unknown(element: Element, invalid: dict[str, Plain]) -> Plain:
    keys: dict[str, Plain] = {}
    if attributes := {**invalid, **dict(element.unknown_attributes)}:
        keys["attributes"] = attributes
    if element.unknown_elements:
        keys["elements"] = list(element.unknown_elements)
    return keys
