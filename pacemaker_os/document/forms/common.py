"""Common forms: a mapping, a list of mappings, a list of names."""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.resources import Storage, StorageMapping
from pacemaker_os.cib.table import Children, layout
from pacemaker_os.cib.values import RESOURCE
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Node


def decode_object(spec: Children, node: Node, reader: Reader) -> Element:
    """Return the element in `key: {...}`."""
    return decode(spec.classes[0], reader.mapping(node, f"'{spec.key}'"), reader, f"'{spec.key}'")


def encode_object(spec: Children, value: Element, writer: Writer) -> Plain:
    return encode(value, writer, without=_omitted_id(value, writer))


def decode_list(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    """Return the elements in `key: [{...}, ...]`."""
    what = f"'{spec.key}'"
    return tuple(
        decode(spec.classes[0], reader.mapping(item, what), reader, what)
        for item in reader.sequence(node, what)
    )


def encode_list(spec: Children, value: tuple[Element, ...], writer: Writer) -> Plain:
    return [encode(item, writer, without=_omitted_id(item, writer)) for item in value]


def decode_names(spec: Children, node: Node, reader: Reader) -> tuple[Any, ...]:
    """Return the elements in `key: [NAME, ...]`."""
    what = f"a name in '{spec.key}'"
    cls: Any = spec.classes[0]
    is_resource = layout(cls).attribute_by_xml["id"].kind is RESOURCE
    names = [(item, reader.name(item, what)) for item in reader.sequence(node, f"'{spec.key}'")]
    return tuple(
        cls(id=reader.resource(name) if is_resource else name, origin=item.origin)
        for item, name in names
        if name is not None
    )


def encode_names(spec: Children, value: tuple[Any, ...], writer: Writer) -> Plain:
    is_resource = layout(spec.classes[0]).attribute_by_xml["id"].kind is RESOURCE
    return [writer.resource(item.id) if is_resource else item.id for item in value]


def decode_storage(spec: Children, node: Node, reader: Reader) -> Storage:
    """Return the mappings in `storage: [{source-dir: ..., target-dir: ...}, ...]`."""
    items = reader.sequence(node, "'storage'")
    what = "storage mapping"
    return Storage(
        mappings=tuple(decode(StorageMapping, reader.mapping(item, what), reader, what) for item in items),
        origin=node.origin,
    )


def encode_storage(spec: Children, value: Storage, writer: Writer) -> Plain:
    return [encode(item, writer, without=_omitted_id(item, writer)) for item in value.mappings]


def _omitted_id(element: Element, writer: Writer) -> tuple[str, ...]:
    """Return the field of the id if the element is anonymous and nothing refers to it."""
    spec = layout(type(element)).attribute_by_xml.get("id")
    if spec is None or not spec.anonymous:
        return ()
    return () if getattr(element, "id", None) in writer.referenced else ("id",)
