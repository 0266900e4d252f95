"""Resources by name: a primitive, or a group or bundle of primitives; with `clone:` or `promotable:`, cloned.

vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 192.0.2.1}, monitor: 30s}
lb: {agent: systemd:haproxy, clone: {interleave: true}}
web: {group: {fs: {...}, httpd: {...}}, meta: {...}}
db: {bundle: {podman: {...}, network: {...}, storage: [...]}, primitive: {galera: {...}}}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.meaning import says_nothing
from pacemaker_os.cib.nvsets import MetaAttributes, NvPair, NvSet
from pacemaker_os.cib.resources import (
    Bundle,
    Clone,
    Container,
    Docker,
    Group,
    Operations,
    Podman,
    Primitive,
    Rkt,
    Template,
)
from pacemaker_os.document.elements import decode, encode
from pacemaker_os.document.forms.nvsets import decode_sets_of, plain_pairs
from pacemaker_os.document.forms.operations import decode_named, single_monitor
from pacemaker_os.document.reader import Reader, SecretUse, has_collections, is_null
from pacemaker_os.document.remarks import remarked
from pacemaker_os.document.tree import Mapping, Node, Scalar, described
from pacemaker_os.document.writer import Block, Plain, Writer
from pacemaker_os.text import did_you_mean

_CONTAINERS: dict[str, type[Container]] = {cls.tag: cls for cls in (Docker, Podman, Rkt)}
_CLASSES = ("ocf", "systemd", "service", "lsb", "stonith", "heartbeat", "upstart", "nagios")
_PROMOTABLE = NvPair(name="promotable", value="true")


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
        resource = _decode_clone(resource, body, word, reader)
    return resource


def _kind_of(body: Mapping) -> tuple[Callable[[str, Mapping, Reader], Any], type[Element]]:
    if body.get("group") is not None:
        return _decode_group, Group
    if body.get("bundle") is not None:
        return _decode_bundle, Bundle
    return _decode_primitive, Primitive


def decode_template(name: str, key: Scalar, node: Node, reader: Reader) -> Template:
    """Return the template that `templates:` has under `name`."""
    body = reader.mapping(node, f"the template '{name}'")
    made: Template = _decode_agent_resource(Template, name, Mapping(body.items, key.origin), reader)
    return made


def _decode_primitive(name: str, body: Mapping, reader: Reader) -> Primitive:
    made: Primitive = _decode_agent_resource(Primitive, name, body, reader)
    return made


def _decode_agent_resource(cls: Any, name: str, body: Mapping, reader: Reader) -> Any:
    what = f"the {cls.tag} '{name}'"
    if cls is Primitive:
        items = tuple((key, _secrets(name, key, value, reader)) for key, value in body.items)
        body = Mapping(items, body.origin)
    given: dict[str, Any] = {"id": name}
    agent, monitor = body.get("agent"), body.get("monitor")
    if agent is not None:
        given |= _agent(agent, reader)
    elif body.get("template") is None and body.get("class") is None:
        misspelt = any(did_you_mean(key, ("agent", "template", "group", "bundle")) for key, _, _ in body)
        if not misspelt:
            said = f"{what} needs an 'agent', as in `agent: ocf:heartbeat:IPaddr2`"
            reader.problem(body, said, "no-agent")
    others = ("agent", "monitor", "clone", "promotable", "group", "bundle")
    made = decode(cls, body.without("agent", "monitor"), reader, what, others=others, **given)
    if monitor is not None and not is_null(monitor):
        made = _add_monitor(made, monitor, reader)
    return made


def _agent(node: Node, reader: Reader) -> dict[str, Any]:
    text = reader.text(node, "'agent'")
    if text is None:
        return {"class_": "", "type": ""}
    class_, _, rest = text.partition(":")
    provider: str | None = None
    if class_ == "ocf" and ":" in rest:
        provider, _, rest = rest.partition(":")
    if class_ not in _CLASSES:
        near = did_you_mean(class_, _CLASSES)
        said = f"'{text}' is no agent{near}; an agent is CLASS:TYPE or ocf:PROVIDER:TYPE"
        reader.problem(node, said, "agent")
    elif class_ == "ocf" and not provider:
        said = f"'{text}' lacks the provider; is it 'ocf:heartbeat:{rest}'?"
        reader.problem(node, said, "agent")
    elif not rest:
        reader.problem(node, f"'{text}' lacks the type; an agent is CLASS:TYPE or ocf:PROVIDER:TYPE", "agent")
    return {"class_": class_, "provider": provider, "type": rest}


def _add_monitor(made: Any, node: Node, reader: Reader) -> Any:
    operations = made.operations or Operations(origin=node.origin)
    if any(operation.name == "monitor" for operation in operations.operations):
        said = "'monitor' is said twice; put all monitors under 'operations'"
        reader.problem(node, said, "monitor-twice")
    both = (*decode_named("monitor", node, reader), *operations.operations)
    return replace(made, operations=replace(operations, operations=both))


def _secrets(resource: str, key: Scalar, value: Node, reader: Reader) -> Node:
    """Replace the secrets among the parameters by what the CIB says in their place."""
    if key.text != "params" or not isinstance(value, Mapping):
        return value
    items = []
    for name, found in value.items:
        if isinstance(found, Scalar) and found.secret:
            reader.secrets.append(SecretUse(resource, name.text or "", found.secret))
            found = Scalar(SECRET, found.origin)
        items.append((name, found))
    return Mapping(tuple(items), value.origin)


#: The value of a parameter whose real value each node keeps in a file of its own (see cibsecret(8)).
SECRET = "lrm://"  # noqa: S105 - the word that says that there is a secret, not a secret


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


def _decode_clone(child: Any, body: Mapping, word: str, reader: Reader) -> Clone:
    node = body.get(word)
    given: dict[str, Any] = {"child": child}
    if isinstance(node, Scalar) and not is_null(node):
        if node.text not in ("true", "yes"):
            said = (
                f"'{word}' takes meta attributes, as in `{word}: {{interleave: true}}`, not {described(node)}"
            )
            reader.problem(node, said, "wrong-type")
        node = None
    if isinstance(node, Mapping) and has_collections(node, "meta", "params"):
        clone = decode(Clone, node, reader, f"'{word}'", **given)
    else:
        sets = decode_sets_of(MetaAttributes, node, reader, f"'{word}'") if node is not None else ()
        clone = Clone(meta_attributes=sets, **given)
    clone = replace(clone, id=clone.id or _clone_name(child), origin=body.origin)
    return _promotable(clone) if word == "promotable" else clone


def _clone_name(child: Any) -> str:
    return f"{child.id}-clone"


def _promotable(clone: Clone) -> Clone:
    sets = clone.meta_attributes
    plain = next((s for s in sets if s.rule is None and s.id_ref is None), None)
    if plain is None:
        return replace(clone, meta_attributes=(MetaAttributes(nvpairs=(_PROMOTABLE,)), *sets))
    said = replace(plain, nvpairs=(_PROMOTABLE, *plain.nvpairs))
    return replace(clone, meta_attributes=tuple(said if s is plain else s for s in sets))


def encode_resource(resource: Element, writer: Writer) -> tuple[str, Plain]:
    """Return the name of a resource and what a document says of it."""
    name, body = _encode_bare(resource, writer)
    return name, remarked(body, resource)


def _encode_bare(resource: Any, writer: Writer) -> tuple[str, Block]:
    """Return name and body without the comments above them."""
    if isinstance(resource, Clone) and resource.child is not None:
        name, body = _encode_bare(resource.child, writer)
        word, said = _encode_clone(resource, writer)
        return name, Block({**body, word: said})
    if isinstance(resource, Primitive | Template):
        return resource.id or "", _encode_agent_resource(resource, writer)
    if isinstance(resource, Group):
        return resource.id or "", _encode_group(resource, writer)
    if isinstance(resource, Bundle):
        return resource.id or "", _encode_bundle(resource, writer)
    return resource.id or "", Block(encode(resource, writer))


def _encode_agent_resource(resource: Primitive | Template, writer: Writer) -> Block:
    body = Block()
    without = ["id"]
    agent = resource.agent
    if agent is not None and _agent_reads_back(resource):
        body["agent"] = agent
        without += ["class_", "provider", "type"]
    monitor = single_monitor(resource.operations, writer)
    if monitor is not None:
        without.append("operations")
    body.update(encode(resource, writer, without=tuple(without)))
    if monitor is not None:
        body["monitor"] = monitor
    if isinstance(body.get("template"), str):
        # First what it is.
        body = Block({"template": body.pop("template"), **body})
    return body


def _agent_reads_back(resource: Primitive | Template) -> bool:
    if resource.class_ not in _CLASSES or not resource.type:
        return False
    if resource.class_ == "ocf":
        return bool(resource.provider) and ":" not in (resource.provider or "")
    return resource.provider is None


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


def _encode_clone(clone: Clone, writer: Writer) -> tuple[str, Plain]:
    sets = tuple(each for each in clone.meta_attributes if not says_nothing(each))
    promoting = _promoting_set(sets)
    word = "clone" if promoting is None else "promotable"
    if promoting is not None:
        sets = tuple(_without_promotable(each) if each is promoting else each for each in sets)
    silent = clone.id == _clone_name(clone.child) and clone.id not in writer.referenced
    rest = encode(clone, writer, without=("child", "meta_attributes", *(("id",) if silent else ())))
    plain = [plain_pairs(each, writer) for each in sets]
    if not rest and len(sets) <= 1 and all(each is not None for each in plain):
        return word, plain[0] if plain else {}
    said = encode(
        replace(clone, meta_attributes=sets), writer, without=("child", *(("id",) if silent else ()))
    )
    said.setdefault("meta", {})
    return word, said


def _promoting_set(sets: tuple[NvSet, ...]) -> NvSet | None:
    """Return the set whose `promotable=true` the word `promotable:` would put there again, if any."""
    first = next((each for each in sets if each.rule is None and each.id_ref is None), None)
    saying = [each for each in sets if any(pair.name == "promotable" for pair in each.nvpairs)]
    if first is None or saying != [first]:
        return None
    values = [pair.value for pair in first.nvpairs if pair.name == "promotable"]
    alone = len(sets) == 1 and first.score is None
    return first if values == ["true"] and (alone or len(first.nvpairs) > 1) else None


def _without_promotable(nvset: NvSet) -> NvSet:
    return replace(nvset, nvpairs=tuple(pair for pair in nvset.nvpairs if pair.name != "promotable"))
