"""Resources by name: primitives, groups and bundles, and clones of them.

vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 192.0.2.1}, monitor: 30s}
lb: {agent: systemd:haproxy, clone: {interleave: true}}
web: {group: {fs: {...}, httpd: {...}}, meta: {...}}
db: {bundle: {podman: {...}, network: {...}, storage: [...]}, primitive: {galera: {...}}}
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.resources import (
    Bundle,
    Clone,
    Container,
    Docker,
    Group,
    Podman,
    Primitive,
    Rkt,
    Template,
)
from pacemaker_os.cib.table import Children
from pacemaker_os.document.comments import with_comments
from pacemaker_os.document.forms.clones import decode_clone, encode_clone
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.primitives import decode_primitive, encode_agent_resource
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block, Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, is_null

_CONTAINERS: dict[str, type[Container]] = {cls.tag: cls for cls in (Docker, Podman, Rkt)}


def decode_resource(
    name: str, key: Scalar, node: Node, reader: Reader, classes: tuple[type[Element], ...]
) -> Any:
    """Return the resource `name`; `classes` are those that are valid in this place."""
    body = reader.mapping(node, f"resource '{name}'")
    if not isinstance(node, Mapping) and not is_null(node):
        return Primitive(id=name, origin=key.origin)
    body = Mapping(body.items, key.origin)
    wrapped = [clone_key for clone_key in ("clone", "promotable") if body.get(clone_key) is not None]
    decoder, cls = _decoder_for(body)
    for clone_key in wrapped:
        if Clone not in classes or cls is Bundle:
            reader.problem(
                body.get(clone_key) or node, f"'{name}' cannot be a clone here", "not-allowed-here"
            )
    if cls not in classes:
        reader.problem(key, f"'{name}' cannot be a {cls.tag} here", "not-allowed-here")
    if len(wrapped) > 1:
        message = f"'{name}' has both 'clone' and 'promotable'; use only one of them"
        reader.problem(body.get("promotable") or node, message, "exclusive-keys")
    resource = decoder(name, body.without("clone", "promotable"), reader)
    for clone_key in wrapped[:1]:
        resource = decode_clone(resource, body, clone_key, reader)
    return resource


def _decoder_for(body: Mapping) -> tuple[Callable[[str, Mapping, Reader], Any], type[Element]]:
    if body.get("group") is not None:
        return _decode_group, Group
    if body.get("bundle") is not None:
        return _decode_bundle, Bundle
    return decode_primitive, Primitive


def _decode_group(name: str, body: Mapping, reader: Reader) -> Group:
    group = decode(Group, body, reader, f"group '{name}'", id=name)
    if not group.members:
        reader.problem(body, f"group '{name}' requires at least one member", "empty-group")
    return group


def _decode_bundle(name: str, body: Mapping, reader: Reader) -> Bundle:
    what = f"bundle '{name}'"
    inner = reader.mapping(body.get("bundle") or body, "'bundle'")
    engines = [engine_name for engine_name in _CONTAINERS if inner.get(engine_name) is not None]
    container: Container | None = None
    if len(engines) != 1:
        reader.problem(inner, f"{what} requires one of {', '.join(_CONTAINERS)}", "missing-key")
    else:
        engine = reader.mapping(inner.get(engines[0]) or inner, f"'{engines[0]}'")
        container = decode(_CONTAINERS[engines[0]], engine, reader, f"'{engines[0]}'")
    fields: dict[str, Any] = {"id": name, "container": container}
    if (child := body.get("primitive")) is not None:
        fields["primitive"] = _decode_only_primitive(name, child, reader)
    rest = (*body.without("bundle", "primitive").items, *inner.without(*engines).items)
    return decode(Bundle, Mapping(rest, body.origin), reader, what, **fields)


def _decode_only_primitive(name: str, node: Node, reader: Reader) -> Primitive | None:
    items = list(reader.mapping(node, "'primitive'"))
    if len(items) != 1:
        message = f"bundle '{name}' requires exactly one primitive, not {len(items)}"
        reader.problem(node, message, "one-primitive")
        return None
    inner, key, value = items[0]
    found: Primitive = decode_resource(inner, key, value, reader, (Primitive,))
    return found


def encode_resource(resource: Element, writer: Writer) -> tuple[str, Plain]:
    """Return the key and the value of a resource in a document."""
    name, body = _encode(resource, writer)
    return name, with_comments(body, resource)


def _encode(resource: Any, writer: Writer) -> tuple[str, Block]:
    """Return key and value without comments."""
    if isinstance(resource, Clone) and resource.child is not None:
        name, body = _encode(resource.child, writer)
        clone_key, clone = encode_clone(resource, writer)
        return name, Block({**body, clone_key: clone})
    if isinstance(resource, Primitive | Template):
        return resource.id or "", encode_agent_resource(resource, writer)
    if isinstance(resource, Group):
        return resource.id or "", _encode_group(resource, writer)
    if isinstance(resource, Bundle):
        return resource.id or "", _encode_bundle(resource, writer)
    return resource.id or "", Block(encode(resource, writer))


def _encode_group(group: Group, writer: Writer) -> Block:
    keys = encode(group, writer, without=("id", "members"))
    members: dict[str, Plain] = Block(encode_resource(member, writer) for member in group.members)
    return Block({"group": members, **keys})


def _encode_bundle(bundle: Bundle, writer: Writer) -> Block:
    inner: Block = Block()
    if bundle.container is not None:
        inner[bundle.container.tag] = encode(bundle.container, writer)
    keys = encode(bundle, writer, without=("id", "container", "primitive"))
    for key in ("network", "storage"):
        if key in keys:
            inner[key] = keys.pop(key)
    body = Block({"bundle": inner, **keys})
    if bundle.primitive is not None:
        name, primitive = encode_resource(bundle.primitive, writer)
        body["primitive"] = Block({name: primitive})
    return body


def decode_named(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    """Return the resources in `key: {NAME: {...}, ...}`."""
    return tuple(
        decode_resource(name, key, value, reader, spec.classes)
        for name, key, value in reader.mapping(node, f"'{spec.key}'")
    )


def encode_named(spec: Children, value: tuple[Any, ...], writer: Writer) -> Plain:
    return dict(encode_resource(item, writer) for item in value)
