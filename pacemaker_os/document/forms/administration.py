"""Fencing levels, access control, tags and alerts.

fencing:
  controller01: [fence-ipmi-01, [fence-pdu-a, fence-pdu-b]]
tags: {databases: [galera, redis]}
acls:
  roles: {observer: {permissions: [{kind: read, xpath: /cib}]}}
  users: {alice: [observer]}
  groups: {operators: [observer]}
alerts: {mail: {path: /usr/share/pacemaker/alerts/alert_smtp.sh, recipients: [ops@example.org]}}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.administration import AclGroup, AclRole, AclTarget, Alert, FencingLevel, RoleRef, Tag
from pacemaker_os.cib.table import layout
from pacemaker_os.document.elements import decode, encode, plain_element
from pacemaker_os.document.forms.common import decode_names
from pacemaker_os.document.reader import Reader
from pacemaker_os.document.remarks import remarked
from pacemaker_os.document.tree import Mapping, Node, Scalar, Sequence
from pacemaker_os.document.writer import Block, Plain, Writer
from pacemaker_os.text import did_you_mean


def decode_fencing(node: Node, reader: Reader) -> list[FencingLevel]:
    """Return the levels: by node in a mapping, each by itself in a list."""
    if isinstance(node, Sequence):
        return [_level(item, reader) for item in node.items]
    found = []
    for name, key, value in reader.mapping(node, "'fencing'"):
        for index, item in enumerate(reader.sequence(value, f"the levels of '{name}'"), 1):
            devices = _devices(item, reader)
            found.append(FencingLevel(target=name, index=str(index), devices=devices, origin=key.origin))
    return found


def _level(node: Node, reader: Reader) -> FencingLevel:
    what = "a fencing level"
    mapping = reader.mapping(node, what)
    given: dict[str, Any] = {}
    if (devices := mapping.get("devices")) is not None:
        given["devices"] = _devices(devices, reader)
    level = decode(FencingLevel, mapping.without("devices"), reader, what, **given)
    if not (level.target or level.target_pattern or (level.target_attribute and level.target_value)):
        said = f"{what} needs 'target', 'target-pattern', or 'target-attribute' and 'target-value'"
        reader.problem(mapping, said, "missing-key")
    return level


def _devices(node: Node, reader: Reader) -> str:
    items = node.items if isinstance(node, Sequence) else (node,)
    return ",".join(reader.text(item, "a fencing device") or "" for item in items)


def encode_fencing(levels: tuple[FencingLevel, ...], writer: Writer) -> Plain:
    by_target = _by_target(levels)
    if by_target is not None:
        return by_target
    said: list[Plain] = []
    for level in levels:
        body = encode(level, writer, without=("id", "devices") if level.id is None else ("devices",))
        body["devices"] = list((level.devices or "").split(","))
        said.append(remarked(body, level))
    return said


def _by_target(levels: tuple[FencingLevel, ...]) -> dict[str, Plain] | None:
    """Return the levels by node, None when they say more than 1, 2, 3 for each node."""
    found: dict[str, list[Plain]] = {}
    ranked = sorted(levels, key=lambda level: level.index or "")
    for level in ranked:
        if level.target is None or level.id is not None or not plain_element(level) or level.comments:
            return None
        here = found.setdefault(level.target, [])
        if level.index != str(len(here) + 1):
            return None
        devices = (level.devices or "").split(",")
        here.append(devices[0] if len(devices) == 1 else list(devices))
    order = dict.fromkeys(level.target or "" for level in levels)
    return {target: list(found[target]) for target in order}


def decode_tags(node: Node, reader: Reader) -> list[Tag]:
    """Return the tags, each a list of ids."""
    members = layout(Tag).children[0]
    return [
        Tag(id=name, members=decode_names(members, value, reader), origin=key.origin)
        for name, key, value in reader.mapping(node, "'tags'")
    ]


def encode_tags(tags: tuple[Tag, ...], writer: Writer) -> Plain:
    return {tag.id or "": [member.id for member in tag.members] for tag in tags}


_ACL_KINDS: dict[str, Any] = {"roles": AclRole, "users": AclTarget, "groups": AclGroup}


def decode_acls(node: Node, reader: Reader) -> list[Element]:
    """Return roles, users and groups."""
    found: list[Element] = []
    for kind, key, value in reader.mapping(node, "'acls'"):
        cls = _ACL_KINDS.get(kind)
        if cls is None:
            said = f"'acls' has no '{kind}'{did_you_mean(kind, _ACL_KINDS)}; it has {', '.join(_ACL_KINDS)}"
            reader.problem(key, said, "unknown-key")
            continue
        for name, name_key, body in reader.mapping(value, f"'{kind}'"):
            found.append(replace(_acl(cls, name, body, reader), origin=name_key.origin))
    return found


def _acl(cls: Any, name: str, body: Node, reader: Reader) -> Any:
    if isinstance(body, Sequence) and cls is not AclRole:
        names = [(item, reader.text(item, "a role")) for item in body.items]
        return cls(id=name, roles=tuple(RoleRef(id=role, origin=item.origin) for item, role in names))
    what = f"'{name}'"
    return decode(cls, reader.mapping(body, what), reader, what, id=name)


def encode_acls(acls: tuple[Any, ...], writer: Writer) -> Plain:
    said: dict[str, Plain] = {}
    for word, cls in _ACL_KINDS.items():
        bodies = {each.id: _acl_body(each, writer) for each in acls if type(each) is cls}
        if bodies:
            said[word] = Block(bodies)
    return said


def _acl_body(element: Any, writer: Writer) -> Plain:
    body = encode(element, writer, without=("id",))
    plain: Plain = body["roles"] if list(body) == ["roles"] else body
    return remarked(plain, element)


def decode_alerts(node: Node, reader: Reader) -> list[Alert]:
    """Return the alerts by id; a text is the path alone."""
    found = []
    for name, key, value in reader.mapping(node, "'alerts'"):
        what = f"the alert '{name}'"
        if isinstance(value, Scalar):
            value = Mapping(((Scalar("path", value.origin), value),), value.origin)
        body = Mapping(reader.mapping(value, what).items, key.origin)
        found.append(decode(Alert, body, reader, what, id=name))
    return found


def encode_alerts(alerts: tuple[Alert, ...], writer: Writer) -> Plain:
    said: dict[str, Plain] = {}
    for alert in alerts:
        said[alert.id or ""] = remarked(encode(alert, writer, without=("id",)), alert)
    return said
