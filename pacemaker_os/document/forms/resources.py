"""Resources by name: a primitive, or a group or bundle of primitives; with `clone:` or `promotable:`, cloned.

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
    """Return what `name` is; `classes` are those that may stand at this place."""
    body = reader.mapping(node, f"the resource '{name}'")
    if not isinstance(node, Mapping) and not is_null(node):
        return Primitive(id=name, origin=key.origin)
    body = Mapping(body.items, key.origin)
    wrapped = [word for word in ("clone", "promotable") if body.get(word) is not None]
    decoder, cls = _kind_of(body)
    for word in wrapped:
        if Clone not in classes or cls is Bundle:
            reader.problem(body.get(word) or node, f"'{name}' cannot be a clone here", "not-here")
    if cls not in classes:
        reader.problem(key, f"'{name}' cannot be a {cls.tag} here", "not-here")
    if len(wrapped) > 1:
        said = f"'{name}' is a clone twice; say either 'clone' or 'promotable'"
        reader.problem(body.get("promotable") or node, said, "clone-twice")
    resource = decoder(name, body.without("clone", "promotable"), reader)
    for word in wrapped[:1]:
        resource = decode_clone(resource, body, word, reader)
    return resource


def _kind_of(body: Mapping) -> tuple[Callable[[str, Mapping, Reader], Any], type[Element]]:
    if body.get("group") is not None:
        return _decode_group, Group
    if body.get("bundle") is not None:
        return _decode_bundle, Bundle
    return decode_primitive, Primitive


def _decode_group(name: str, body: Mapping, reader: Reader) -> Group:
    group = decode(Group, body, reader, f"the group '{name}'", id=name)
    if not group.members:
        reader.problem(body, f"the group '{name}' needs at least one member", "empty-group")
    return group


def _decode_bundle(name: str, body: Mapping, reader: Reader) -> Bundle:
    what = f"the bundle '{name}'"
    inner = reader.mapping(body.get("bundle") or body, "'bundle'")
    engines = [word for word in _CONTAINERS if inner.get(word) is not None]
    container: Container | None = None
    if len(engines) != 1:
        reader.problem(inner, f"{what} needs one of {', '.join(_CONTAINERS)}", "missing-key")
    else:
        said = reader.mapping(inner.get(engines[0]) or inner, f"'{engines[0]}'")
        container = decode(_CONTAINERS[engines[0]], said, reader, f"'{engines[0]}'")
    given: dict[str, Any] = {"id": name, "container": container}
    if (child := body.get("primitive")) is not None:
        given["primitive"] = _only_primitive(name, child, reader)
    rest = (*body.without("bundle", "primitive").items, *inner.without(*engines).items)
    return decode(Bundle, Mapping(rest, body.origin), reader, what, **given)


def _only_primitive(name: str, node: Node, reader: Reader) -> Primitive | None:
    items = list(reader.mapping(node, "'primitive'"))
    if len(items) != 1:
        reader.problem(node, f"the bundle '{name}' holds one primitive, not {len(items)}", "one-primitive")
        return None
    inner, key, value = items[0]
    found: Primitive = decode_resource(inner, key, value, reader, (Primitive,))
    return found


def encode_resource(resource: Element, writer: Writer) -> tuple[str, Plain]:
    """Return the name of a resource and what a document says of it."""
    name, body = _encode_bare(resource, writer)
    return name, with_comments(body, resource)


def _encode_bare(resource: Any, writer: Writer) -> tuple[str, Block]:
    """Return name and body without the comments above them."""
    if isinstance(resource, Clone) and resource.child is not None:
        name, body = _encode_bare(resource.child, writer)
        word, said = encode_clone(resource, writer)
        return name, Block({**body, word: said})
    if isinstance(resource, Primitive | Template):
        return resource.id or "", encode_agent_resource(resource, writer)
    if isinstance(resource, Group):
        return resource.id or "", _encode_group(resource, writer)
    if isinstance(resource, Bundle):
        return resource.id or "", _encode_bundle(resource, writer)
    return resource.id or "", Block(encode(resource, writer))


def _encode_group(group: Group, writer: Writer) -> Block:
    said = encode(group, writer, without=("id", "members"))
    members: dict[str, Plain] = Block(encode_resource(member, writer) for member in group.members)
    return Block({"group": members, **said})


def _encode_bundle(bundle: Bundle, writer: Writer) -> Block:
    inner: Block = Block()
    if bundle.container is not None:
        inner[bundle.container.tag] = encode(bundle.container, writer)
    said = encode(bundle, writer, without=("id", "container", "primitive"))
    for word in ("network", "storage"):
        if word in said:
            inner[word] = said.pop(word)
    body = Block({"bundle": inner, **said})
    if bundle.primitive is not None:
        name, primitive = encode_resource(bundle.primitive, writer)
        body["primitive"] = Block({name: primitive})
    return body


def decode_named(spec: Children, node: Node, reader: Reader) -> tuple[Element, ...]:
    """`key: {NAME: {...}, ...}` of resources."""
    return tuple(
        decode_resource(name, key, value, reader, spec.classes)
        for name, key, value in reader.mapping(node, f"'{spec.key}'")
    )


def encode_named(spec: Children, value: tuple[Any, ...], writer: Writer) -> Plain:
    return dict(encode_resource(item, writer) for item in value)
