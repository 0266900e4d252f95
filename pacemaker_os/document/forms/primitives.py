"""Primitives and templates.

vip: {agent: ocf:heartbeat:IPaddr2, params: {ip: 192.0.2.1}, monitor: 30s}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib.resources import (
    Operations,
    Primitive,
    Template,
)
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.operations import decode_operation, single_monitor
from pacemaker_os.document.forms.reader import Reader, SecretUse
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, is_null
from pacemaker_os.text import did_you_mean

_CLASSES = ("ocf", "systemd", "service", "lsb", "stonith", "heartbeat", "upstart", "nagios")

#: The value of a parameter whose real value each node keeps in a file of its own (see cibsecret(8)).
SECRET = "lrm://"  # noqa: S105 - the word that says that there is a secret, not a secret


def decode_template(name: str, key: Scalar, node: Node, reader: Reader) -> Template:
    """Return the template that `templates:` has under `name`."""
    body = reader.mapping(node, f"the template '{name}'")
    made: Template = _decode_agent_resource(Template, name, Mapping(body.items, key.origin), reader)
    return made


def decode_primitive(name: str, body: Mapping, reader: Reader) -> Primitive:
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
    both = (*decode_operation("monitor", node, reader), *operations.operations)
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


def encode_agent_resource(resource: Primitive | Template, writer: Writer) -> Block:
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
