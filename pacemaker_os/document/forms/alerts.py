"""Alerts.

alerts: {mail: {path: /usr/share/pacemaker/alerts/alert_smtp.sh, recipients: [ops@example.org]}}
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.administration import (
    Alert,
    AlertAttribute,
    Recipient,
    Select,
    SelectAttributes,
    SelectFencing,
    SelectNodes,
    SelectResources,
)
from pacemaker_os.cib.table import Children
from pacemaker_os.document.comments import with_comments
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar
from pacemaker_os.text import did_you_mean


def decode_alerts(node: Node, reader: Reader) -> list[Alert]:
    """Return the alerts, by id; a string is a path."""
    found = []
    for name, key, value in reader.mapping(node, "'alerts'"):
        what = f"alert '{name}'"
        if isinstance(value, Scalar):
            value = Mapping(((Scalar("path", value.origin), value),), value.origin)
        body = Mapping(reader.mapping(value, what).items, key.origin)
        found.append(decode(Alert, body, reader, what, id=name))
    return found


def encode_alerts(alerts: tuple[Alert, ...], writer: Writer) -> Plain:
    return {alert.id or "": with_comments(encode(alert, writer, without=("id",)), alert) for alert in alerts}


def decode_recipients(spec: Children, node: Node, reader: Reader) -> tuple[Recipient, ...]:
    """Return the recipients in `recipients: [VALUE, {value: ..., ...}]`."""
    what = "recipient"
    return tuple(
        Recipient(value=reader.text(item, what), origin=item.origin)
        if isinstance(item, Scalar)
        else decode(Recipient, reader.mapping(item, what), reader, what)
        for item in reader.sequence(node, "'recipients'")
    )


def encode_recipients(spec: Children, value: tuple[Recipient, ...], writer: Writer) -> Plain:
    plain = [encode(item, writer, without=("id",) if item.id is None else ()) for item in value]
    return [each["value"] if list(each) == ["value"] else each for each in plain]


_KINDS: dict[str, type[Element]] = {
    "fencing": SelectFencing,
    "nodes": SelectNodes,
    "resources": SelectResources,
}


def decode_select(spec: Children, node: Node, reader: Reader) -> Select:
    """Return the event types in `select: [nodes, fencing, resources, {attributes: [NAME, ...]}]`."""
    fields: dict[str, Any] = {}
    for item in reader.sequence(node, "'select'"):
        if isinstance(item, Mapping):
            for name, key, value in item:
                if name != "attributes":
                    message = f"unknown key '{name}' in 'select'; only 'attributes' takes a list"
                    reader.problem(key, message, "unknown-key")
                names = [reader.name(each, "an attribute") for each in reader.sequence(value, f"'{name}'")]
                listed = tuple(AlertAttribute(name=each, origin=value.origin) for each in names)
                fields["attributes"] = SelectAttributes(attributes=listed, origin=value.origin)
            continue
        word = reader.text(item, "an event type") or ""
        if word == "attributes":
            fields["attributes"] = SelectAttributes(origin=item.origin)
        elif word in _KINDS:
            fields[word] = _KINDS[word](origin=item.origin)
        else:
            known = ("attributes", *_KINDS)
            remedy = did_you_mean(word, known) or f"; use one of {', '.join(known)}"
            reader.problem(item, f"unknown event type '{word}'{remedy}", "wrong-value")
    return Select(origin=node.origin, **fields)


def encode_select(spec: Children, value: Select, writer: Writer) -> Plain:
    plain: list[Plain] = []
    if value.attributes is not None:
        names: list[Plain] = [each.name for each in value.attributes.attributes]
        plain.append({"attributes": names} if names else "attributes")
    return plain + [word for word in _KINDS if getattr(value, word) is not None]
