"""Plain forms: one mapping, a list of mappings, mappings by name, a list of names."""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.administration import (
    AlertAttribute,
    Recipient,
    Select,
    SelectAttributes,
    SelectFencing,
    SelectNodes,
    SelectResources,
)
from pacemaker_os.cib.resources import Storage, StorageMapping
from pacemaker_os.cib.table import Children, layout
from pacemaker_os.cib.values import RESOURCE
from pacemaker_os.document.elements import decode, encode
from pacemaker_os.document.reader import Reader
from pacemaker_os.document.tree import Mapping, Node, Scalar
from pacemaker_os.document.writer import Plain, Writer
from pacemaker_os.text import did_you_mean


def decode_object(spec: Children, node: Node, reader: Reader) -> Element:
    """`key: {...}`."""
    return decode(spec.classes[0], reader.mapping(node, f"'{spec.key}'"), reader, f"'{spec.key}'")


def encode_object(spec: Children, value: Element, writer: Writer) -> Plain:
    return encode(value, writer, without=_silent_id(value, writer))


def decode_list(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    """`key: [{...}, ...]`."""
    what = f"'{spec.key}'"
    return tuple(
        decode(spec.classes[0], reader.mapping(item, what), reader, what)
        for item in reader.sequence(node, what)
    )


def encode_list(spec: Children, value: tuple[Element, ...], writer: Writer) -> Plain:
    return [encode(item, writer, without=_silent_id(item, writer)) for item in value]


def decode_named(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    """`key: {NAME: {...}, ...}` of resources."""
    from pacemaker_os.document.forms.resources import decode_resource

    return tuple(
        decode_resource(name, key, value, reader, spec.classes)
        for name, key, value in reader.mapping(node, f"'{spec.key}'")
    )


def encode_named(spec: Children, value: tuple[Any, ...], writer: Writer) -> Plain:
    from pacemaker_os.document.forms.resources import encode_resource

    return dict(encode_resource(item, writer) for item in value)


def decode_names(spec: Children, node: Node, reader: Reader) -> tuple[Any, ...]:
    """`key: [NAME, ...]`."""
    what = f"a name in '{spec.key}'"
    cls: Any = spec.classes[0]
    is_resource = layout(cls).attribute_by_xml["id"].kind is RESOURCE
    names = [(item, reader.text(item, what)) for item in reader.sequence(node, f"'{spec.key}'")]
    return tuple(
        cls(id=reader.resource(name) if is_resource else name, origin=item.origin)
        for item, name in names
        if name is not None
    )


def encode_names(spec: Children, value: tuple[Any, ...], writer: Writer) -> Plain:
    is_resource = layout(spec.classes[0]).attribute_by_xml["id"].kind is RESOURCE
    return [writer.resource(item.id) if is_resource else item.id for item in value]


def decode_storage(spec: Children, node: Node, reader: Reader) -> Storage:
    """`storage: [{source-dir: ..., target-dir: ...}, ...]`."""
    items = reader.sequence(node, "'storage'")
    what = "a storage mapping"
    return Storage(
        mappings=tuple(decode(StorageMapping, reader.mapping(item, what), reader, what) for item in items),
        origin=node.origin,
    )


def encode_storage(spec: Children, value: Storage, writer: Writer) -> Plain:
    return [encode(item, writer, without=_silent_id(item, writer)) for item in value.mappings]


def _silent_id(element: Element, writer: Writer) -> tuple[str, ...]:
    """Leave out an id that nobody calls the element by, unless something refers to it."""
    spec = layout(type(element)).attribute_by_xml.get("id")
    if spec is None or not spec.anonymous:
        return ()
    return () if getattr(element, "id", None) in writer.referenced else ("id",)


def decode_recipients(spec: Children, node: Node, reader: Reader) -> tuple[Recipient, ...]:
    """`recipients: [VALUE, {value: ..., ...}]`."""
    what = "a recipient"
    return tuple(
        Recipient(value=reader.text(item, what), origin=item.origin)
        if isinstance(item, Scalar)
        else decode(Recipient, reader.mapping(item, what), reader, what)
        for item in reader.sequence(node, "'recipients'")
    )


def encode_recipients(spec: Children, value: tuple[Recipient, ...], writer: Writer) -> Plain:
    said = [encode(item, writer, without=("id",) if item.id is None else ()) for item in value]
    return [each["value"] if list(each) == ["value"] else each for each in said]


_KINDS: dict[str, type[Element]] = {
    "fencing": SelectFencing,
    "nodes": SelectNodes,
    "resources": SelectResources,
}


def decode_select(spec: Children, node: Node, reader: Reader) -> Select:
    """`select: [nodes, fencing, resources, attributes]`; `attributes: [NAME, ...]` for some of them."""
    chosen: dict[str, Any] = {}
    for item in reader.sequence(node, "'select'"):
        if isinstance(item, Mapping):
            for name, key, value in item:
                if name != "attributes":
                    reader.problem(key, f"'select' has no list of '{name}'; 'attributes' has", "unknown-key")
                names = [reader.text(each, "an attribute") for each in reader.sequence(value, f"'{name}'")]
                listed = tuple(AlertAttribute(name=each, origin=value.origin) for each in names)
                chosen["attributes"] = SelectAttributes(attributes=listed, origin=value.origin)
            continue
        word = reader.text(item, "a kind of event") or ""
        if word == "attributes":
            chosen["attributes"] = SelectAttributes(origin=item.origin)
        elif word in _KINDS:
            chosen[word] = _KINDS[word](origin=item.origin)
        else:
            known = ("attributes", *_KINDS)
            said = f"there are no '{word}' events{did_you_mean(word, known)}; there are {', '.join(known)}"
            reader.problem(item, said, "wrong-value")
    return Select(origin=node.origin, **chosen)


def encode_select(spec: Children, value: Select, writer: Writer) -> Plain:
    said: list[Plain] = []
    if value.attributes is not None:
        names: list[Plain] = [each.name for each in value.attributes.attributes]
        said.append({"attributes": names} if names else "attributes")
    return said + [word for word in _KINDS if getattr(value, word) is not None]
