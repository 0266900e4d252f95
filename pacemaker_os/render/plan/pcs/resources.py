"""Commands for resources."""

from __future__ import annotations

import re

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.render.plan.pcs.tokens import Argv, are_options, is_id, pairs
from pacemaker_os.render.plan.pcs.xml import has_only, plain_pairs, resource_ids, without

#: Classes of agents that all supported versions of pcs know.
_CLASSES = ("ocf", "systemd", "lsb", "service", "stonith")

_AGENT_PART = re.compile(r"[A-Za-z0-9_.@/\\-]+")

#: Intervals and timeouts that pcs accepts as they are.
_TIME = re.compile(r"[0-9]+(s|sec|m|min|h|hr)?")

_OP_ATTRIBUTES = ("id", "name", "interval", "timeout", "on-fail", "role", "enabled")

#: The roles that are the same in all supported versions of pcs.
_ROLES = (None, "Started", "Stopped", "Promoted", "Unpromoted")


def create(element: etree._Element) -> list[Argv] | None:
    """Return the commands that create a resource; None if pcs cannot express it."""
    match element.tag:
        case "primitive":
            return _create_primitive(element)
        case "group":
            return _create_group(element)
        case "clone":
            return _create_clone(element)
    return None


def _create_group(group: etree._Element) -> list[Argv] | None:
    if not is_id(group.get("id")) or not has_only(group, ("id",), ("primitive", "meta_attributes")):
        return None
    name, found = str(group.get("id")), []
    for member in group.iterchildren("primitive"):
        created = None if member.get("class") == "stonith" else _create_primitive(member)
        if created is None:
            return None
        found += created
    meta = _set_meta(group)
    names = [str(member.get("id")) for member in group.iterchildren("primitive")]
    return None if meta is None else [*found, ["pcs", "resource", "group", "add", name, *names], *meta]


def _create_clone(clone: etree._Element) -> list[Argv] | None:
    primitive, meta = clone.find("primitive"), plain_pairs(clone, "meta_attributes")
    fits = is_id(clone.get("id")) and has_only(clone, ("id",), ("primitive", "meta_attributes"))
    if not fits or primitive is None or meta is None or primitive.get("class") == "stonith":
        return None
    promotable = meta.get("promotable") == "true"
    if promotable and primitive.get("class") != "ocf":
        return None
    # pcs can only create a clone of an agent that is not installed together with the primitive. Of the meta
    # attributes, `promotable` is set by the keyword: `meta` after it means the primitive in some versions.
    tail = ["promotable" if promotable else "clone", str(clone.get("id"))]
    created = _create_primitive(primitive, *tail)
    rest = _set_meta(clone, "promotable") if promotable else _set_meta(clone)
    return None if created is None or rest is None else [*created, *rest]


def _create_primitive(primitive: etree._Element, *tail: str) -> list[Argv] | None:
    children = ("instance_attributes", "meta_attributes", "operations")
    params, meta = (plain_pairs(primitive, tag) for tag in children[:2])
    operations = _operations(primitive)
    plain = has_only(primitive, ("id", "class", "provider", "type"), children) and is_id(primitive.get("id"))
    if not plain or params is None or meta is None or operations is None:
        return None
    if not (are_options(params) and are_options(meta)) or "remote-node" in meta:
        return None
    parts = [primitive.get(name) for name in ("class", "provider", "type")]
    agent = [str(part) for part in parts if part is not None]
    if agent[0] not in _CLASSES or not all(map(_AGENT_PART.fullmatch, agent)):
        return None
    if agent == ["ocf", "pacemaker", "remote"]:
        return None  # pcs adds such a node with other commands, which need the node.
    command, agent = ("stonith", agent[1:]) if agent[0] == "stonith" else ("resource", agent)
    name = str(primitive.get("id"))
    argv = ["pcs", command, "create", name, ":".join(agent), *pairs(params), *operations]
    argv += ["meta", *pairs(meta)] if meta else []
    argv += tail
    argv += ["--no-default-ops"] if command == "resource" else []
    # The agents need not be installed where the commands run, and pcs-os validates parameters itself.
    found = [[*argv, "--force"]]
    if primitive.find("operations/op[@name='monitor']") is None:
        # pcs creates a monitor for every resource, and two for some agents.
        path = f'//primitive[@id="{name}"]/operations'
        if operations:
            # Without --force, cibadmin does not delete several elements.
            options, path = ["--delete-all", "--force"], f'{path}/op[@name="monitor"]'
        else:
            options = []
        found.append(["cibadmin", "--delete", *options, "--xpath", path])
    return found


def _operations(primitive: etree._Element) -> Argv | None:
    """Return the operations as arguments; None if pcs cannot express them."""
    if any(not has_only(each, ()) for each in primitive.iterfind("operations")):
        return None
    seen, found = set(), []
    for op in primitive.iterfind("operations/*"):
        options = {
            name: value for name, value in content.attributes(op).items() if name not in ("id", "name")
        }
        level = plain_pairs(op, "instance_attributes")
        if op.tag != "op" or not has_only(op, _OP_ATTRIBUTES, ("instance_attributes",)) or level is None:
            return None
        name = str(op.get("name"))
        times = (options.get("interval", ""), options.get("timeout", "0"))
        fits = is_id(name) or name in ("start", "stop", "promote", "demote")
        if not fits or not all(map(_TIME.fullmatch, times)) or op.get("role") not in _ROLES:
            return None
        options |= level
        # pcs stores this option, and no other, as a parameter of the operation.
        if set(level) - {"OCF_CHECK_LEVEL"} or not are_options(options):
            return None
        if (name, times[0]) in seen:
            return None
        seen.add((name, times[0]))
        found += ["op", name, *pairs(options)]
    return found


def _set_meta(element: etree._Element, *except_for: str) -> list[Argv] | None:
    meta = plain_pairs(element, "meta_attributes")
    if meta is None or not are_options(meta):
        return None
    rest = {name: value for name, value in meta.items() if name not in except_for}
    return [["pcs", "resource", "meta", str(element.get("id")), *pairs(rest)]] if rest else []


def update(old: etree._Element, new: etree._Element) -> list[Argv] | None:
    """Return the commands that change a resource; None if pcs cannot express the change."""
    if old.tag != new.tag or not is_id(new.get("id")):
        return None
    params = _changed(old, new, "instance_attributes") if new.tag == "primitive" else {}
    meta = _changed(old, new, "meta_attributes")
    sets = ("instance_attributes", "meta_attributes") if new.tag == "primitive" else ("meta_attributes",)
    if params is None or meta is None or without(old, *sets) != without(new, *sets) or not (params or meta):
        return None
    name = str(new.get("id"))
    if new.tag == "primitive":
        if new.get("class") not in _CLASSES or "remote-node" in meta:
            return None
        command = "stonith" if new.get("class") == "stonith" else "resource"
        tail = ["meta", *pairs(meta)] if meta else []
        return [["pcs", command, "update", name, *pairs(params), *tail, "--force"]]
    return [["pcs", "resource", "meta", name, *pairs(meta)]]


def _changed(old: etree._Element, new: etree._Element, tag: str) -> dict[str, str] | None:
    """Return the values that differ, empty for a removed one; None if pcs cannot set them."""
    before, after = plain_pairs(old, tag), plain_pairs(new, tag)
    if before is None or after is None:
        return None
    values = {name: after.get(name, "") for name in (*before, *after) if before.get(name) != after.get(name)}
    removed = set(before) - set(after)
    remaining = {name: value for name, value in values.items() if name not in removed}
    return values if are_options(remaining) and are_options(dict.fromkeys(removed, "x")) else None


def delete(element: etree._Element) -> list[Argv] | None:
    """Return the command that deletes a resource and everything in it; None if pcs cannot."""
    if element.tag not in ("primitive", "group", "clone", "bundle") or not all(
        map(is_id, resource_ids(element))
    ):
        return None
    agents = {
        (each.get("class"), each.get("provider"), each.get("type")) for each in element.iter("primitive")
    }
    names = {pair.get("name") for pair in element.iterfind(".//meta_attributes/nvpair")}
    if ("ocf", "pacemaker", "remote") in agents or "remote-node" in names:
        return None
    fencing = {kind for kind, _, _ in agents} == {"stonith"}
    if fencing and element.tag != "primitive":
        return None
    return [["pcs", "stonith" if fencing else "resource", "delete", str(element.get("id"))]]
