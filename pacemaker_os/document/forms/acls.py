"""Access control lists (ACLs).

acls:
  roles: {observer: {permissions: [{kind: read, xpath: /cib}]}}
  users: {alice: [observer]}
  groups: {operators: [observer]}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib import Element
from pacemaker_os.cib.administration import AclGroup, AclRole, AclTarget, RoleRef
from pacemaker_os.document.comments import with_comments
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Block, Plain
from pacemaker_os.document.yaml.tree import Node, Sequence
from pacemaker_os.text import did_you_mean

_ACL_KINDS: dict[str, Any] = {"roles": AclRole, "users": AclTarget, "groups": AclGroup}


def decode_acls(node: Node, reader: Reader) -> list[Element]:
    """Return the ACL roles, users and groups."""
    found: list[Element] = []
    for kind, key, value in reader.mapping(node, "'acls'"):
        cls = _ACL_KINDS.get(kind)
        if cls is None:
            remedy = did_you_mean(kind, _ACL_KINDS) or f"; supported keys: {', '.join(_ACL_KINDS)}"
            reader.problem(key, f"unknown key '{kind}' in 'acls'{remedy}", "unknown-key")
            continue
        for name, name_key, body in reader.mapping(value, f"'{kind}'"):
            found.append(replace(_decode_acl(kind, name, body, reader), origin=name_key.origin))
    return found


def _decode_acl(kind: str, name: str, body: Node, reader: Reader) -> Any:
    cls = _ACL_KINDS[kind]
    if isinstance(body, Sequence) and cls is not AclRole:
        names = [(item, reader.name(item, "a role")) for item in body.items]
        return cls(id=name, roles=tuple(RoleRef(id=role, origin=item.origin) for item, role in names))
    what = f"ACL {kind.removesuffix('s')} '{name}'"
    return decode(cls, reader.mapping(body, what), reader, what, id=name)


def encode_acls(acls: tuple[Any, ...], writer: Writer) -> Plain:
    """Return roles, users and groups by their ids."""
    plain: dict[str, Plain] = {}
    for kind, cls in _ACL_KINDS.items():
        bodies = {each.id: _encode_acl(each, writer) for each in acls if type(each) is cls}
        if bodies:
            plain[kind] = Block(bodies)
    return plain


def _encode_acl(element: Any, writer: Writer) -> Plain:
    body = encode(element, writer, without=("id",))
    plain: Plain = body["roles"] if list(body) == ["roles"] else body
    return with_comments(plain, element)
