"""Primitives and templates.

vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 192.0.2.1}, monitor: 30s}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib.resources import Operations, Primitive, Template
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.operations import decode_operation, single_monitor
from pacemaker_os.document.forms.reader import Reader, SecretUse
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, is_null
from pacemaker_os.text import did_you_mean

#: Agent classes that Pacemaker knows.
_CLASSES = ("ocf", "systemd", "service", "lsb", "stonith", "heartbeat", "upstart", "nagios")

#: The value in the CIB of a parameter whose real value each node has in a local file (see cibsecret(8)).
SECRET = "lrm://"  # noqa: S105 - the mark of a secret, not a secret


def decode_template(name: str, key: Scalar, node: Node, reader: Reader) -> Template:
    """Return the template `name` of `templates:`."""
    body = reader.mapping(node, f"template '{name}'")
    template: Template = _decode_agent_resource(Template, name, Mapping(body.items, key.origin), reader)
    return template


def decode_primitive(name: str, body: Mapping, reader: Reader) -> Primitive:
    """Return the primitive that `body` declares."""
    primitive: Primitive = _decode_agent_resource(Primitive, name, body, reader)
    return primitive


def _decode_agent_resource(cls: Any, name: str, body: Mapping, reader: Reader) -> Any:
    what = f"{cls.tag} '{name}'"
    if cls is Primitive:
        items = tuple((key, _without_secrets(name, key, value, reader)) for key, value in body.items)
        body = Mapping(items, body.origin)
    fields: dict[str, Any] = {"id": name}
    agent, monitor = body.get("agent"), body.get("monitor")
    if agent is not None:
        fields |= _decode_agent(agent, reader)
    elif body.get("template") is None and body.get("class") is None:
        misspelled = any(did_you_mean(key, ("agent", "template", "group", "bundle")) for key, _, _ in body)
        if not misspelled:
            message = f"{what} requires 'agent' (for example, `agent: ocf:heartbeat:IPaddr2`)"
            reader.problem(body, message, "no-agent")
    others = ("agent", "monitor", "clone", "promotable", "group", "bundle")
    resource = decode(cls, body.without("agent", "monitor"), reader, what, others=others, **fields)
    if monitor is not None and not is_null(monitor):
        resource = _with_monitor(resource, monitor, reader)
    return resource


def _decode_agent(node: Node, reader: Reader) -> dict[str, Any]:
    text = reader.text(node, "'agent'")
    if text is None:
        return {"class_": "", "type": ""}
    class_, _, rest = text.partition(":")
    provider: str | None = None
    if class_ == "ocf" and ":" in rest:
        provider, _, rest = rest.partition(":")
    if class_ not in _CLASSES:
        remedy = did_you_mean(class_, _CLASSES) or "; use CLASS:TYPE or ocf:PROVIDER:TYPE"
        reader.problem(node, f"invalid agent '{text}'{remedy}", "agent")
    elif class_ == "ocf" and not provider:
        message = f"agent '{text}' has no provider; did you mean 'ocf:heartbeat:{rest}'?"
        reader.problem(node, message, "agent")
    elif not rest:
        message = f"agent '{text}' has no type; use CLASS:TYPE or ocf:PROVIDER:TYPE"
        reader.problem(node, message, "agent")
    return {"class_": class_, "provider": provider, "type": rest}


def _with_monitor(resource: Any, node: Node, reader: Reader) -> Any:
    operations = resource.operations or Operations(origin=node.origin)
    if any(operation.name == "monitor" for operation in operations.operations):
        message = "'monitor' is also under 'operations'; declare all monitors there"
        reader.problem(node, message, "duplicate-monitor")
    both = (*decode_operation("monitor", node, reader), *operations.operations)
    return replace(resource, operations=replace(operations, operations=both))


def _without_secrets(resource: str, key: Scalar, value: Node, reader: Reader) -> Node:
    """Return the parameters with each secret replaced by its value in the CIB; the reader records it."""
    if key.text != "params" or not isinstance(value, Mapping):
        return value
    items = []
    for name, found in value.items:
        if isinstance(found, Scalar) and found.secret:
            reader.secrets.append(SecretUse(resource, name.text or "", found.secret))
            found = Scalar(SECRET, found.origin)
        items.append((name, found))
    return Mapping(tuple(items), value.origin)


def encode_agent_resource(resource: Primitive | Template, writer: Writer) -> Block:
    """Return the body of a primitive or template."""
    body = Block()
    without = ["id"]
    agent = resource.agent
    if agent is not None and _is_valid_agent(resource):
        body["agent"] = agent
        without += ["class_", "provider", "type"]
    monitor = single_monitor(resource.operations, writer)
    if monitor is not None:
        without.append("operations")
    body.update(encode(resource, writer, without=tuple(without)))
    if monitor is not None:
        body["monitor"] = monitor
    if isinstance(body.get("template"), str):
        # The template comes first, as `agent` does in other resources.
        body = Block({"template": body.pop("template"), **body})
    return body


def _is_valid_agent(resource: Primitive | Template) -> bool:
    if resource.class_ not in _CLASSES or not resource.type:
        return False
    if resource.class_ == "ocf":
        return bool(resource.provider) and ":" not in (resource.provider or "")
    return resource.provider is None
