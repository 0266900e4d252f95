"""Commands for constraints, tags and fencing levels."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from pacemaker_os.render.plan.pcs.tokens import Argv, are_options, is_id, is_node, pairs
from pacemaker_os.render.plan.pcs.xml import has_only

_ACTIONS = (None, "start", "promote", "stop", "demote")
_ROLES = (None, "Started", "Stopped", "Promoted", "Unpromoted")


def add(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    """Return the command that adds an object to `target`; None if pcs cannot express it."""
    make = _ADD.get(str(element.tag))
    return (
        None
        if make is None or any(not isinstance(each.tag, str) for each in element)
        else make(element, target)
    )


def delete(element: etree._Element) -> list[Argv] | None:
    """Return the command that deletes an object; None if pcs has none."""
    if not is_id(element.get("id")):
        return None
    if str(element.tag).startswith("rsc_"):
        return [["pcs", "constraint", "delete", str(element.get("id"))]]
    return [["pcs", "tag", "delete", str(element.get("id"))]] if element.tag == "tag" else None


def _order(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    known = ("id", "first", "then", "first-action", "then-action", "kind", "symmetrical", "require-all")
    # Without its own action, the second resource has that of the first one; pcs writes `start`.
    action = element.get("first-action")
    actions = [action, element.get("then-action", action)]
    ends = [element.get("first"), element.get("then")]
    if not has_only(element, known, ()) or not _constrains(element, target, "first", "then"):
        return None
    options = _options(element, "kind", "symmetrical", "require-all")
    booleans = {options.get(name, "true") for name in ("symmetrical", "require-all")}
    if any(action not in _ACTIONS for action in actions) or not booleans <= {"true", "false"}:
        return None
    if _in_one_group(target, *map(str, ends)):
        return None  # pcs rejects an order between members of the same group.
    first, then = ([*filter(None, pair)] for pair in zip(actions, ends, strict=True))
    argv = ["pcs", "constraint", "order", *map(str, first), "then", *map(str, then)]
    return [[*argv, *pairs(options), f"id={element.get('id')}"]] if are_options(options) else None


def _in_one_group(target: etree._Element, *names: str) -> bool:
    """Return whether these resources are members of the same group in `target`."""
    members = [{each.get("id") for each in group.iter("primitive")} for group in target.iter("group")]
    return any(each.issuperset(names) for each in members)


def _colocation(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    known = ("id", "rsc", "with-rsc", "rsc-role", "with-rsc-role", "score", "influence")
    roles = [element.get("rsc-role"), element.get("with-rsc-role")]
    if not has_only(element, known, ()) or not _constrains(element, target, "rsc", "with-rsc"):
        return None
    if any(role not in _ROLES for role in roles) or element.get("score") is None:
        return None
    options = _options(element, "score", "influence")
    if options.get("influence", "true") not in ("true", "false"):
        return None
    ends = [element.get("rsc"), element.get("with-rsc")]
    rsc, other = ([*filter(None, pair)] for pair in zip(roles, ends, strict=True))
    argv = ["pcs", "constraint", "colocation", "add", *map(str, rsc), "with", *map(str, other)]
    return [[*argv, *pairs(options), f"id={element.get('id')}"]] if are_options(options) else None


def _location(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    known = ("id", "rsc", "node", "score", "resource-discovery")
    score, node = element.get("score"), element.get("node")
    if not has_only(element, known, ()) or not _constrains(element, target, "rsc", "node"):
        return None
    if score is None or not is_node(node):
        return None
    # pcs takes a negative number for an option, except after `--`.
    number = ["--", score] if score.startswith("-") else [score]
    options = _options(element, "resource-discovery")
    argv = [
        "pcs",
        "constraint",
        "location",
        "add",
        str(element.get("id")),
        str(element.get("rsc")),
        str(node),
    ]
    return [[*argv, *number, *pairs(options)]] if are_options(options) else None


def _tag(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    names = [str(each.get("id")) for each in element]
    plain = has_only(element, ("id",), ("obj_ref",)) and all(has_only(each, ("id",), ()) for each in element)
    if not plain or not is_id(element.get("id")) or not set(names) <= set(_resources(target)):
        return None
    known = all(map(is_id, names)) and len(set(names)) == len(names) > 0
    return [["pcs", "tag", "create", str(element.get("id")), *names]] if known else None


def _level(element: etree._Element, target: etree._Element) -> list[Argv] | None:
    devices = str(element.get("devices", "")).split(",")
    index, node = str(element.get("index")), element.get("target")
    same = [
        each
        for each in target.iterfind("configuration/fencing-topology/fencing-level")
        if (each.get("index"), each.get("target")) == (index, node)
    ]
    fits = has_only(element, ("id", "index", "target", "devices"), ()) and index in set("123456789")
    if not fits or not is_node(node) or len(same) > 1 or not all(map(is_id, devices)):
        return None
    if len(set(devices)) != len(devices):
        return None
    return [["pcs", "stonith", "level", "add", index, str(node), *devices, "--force"]]


def _constrains(element: etree._Element, target: etree._Element, one: str, other: str) -> bool:
    """Return whether pcs accepts the two ends of a constraint.

    pcs rejects a second constraint between the same ends, or replaces the first one. It also rejects the
    parts of clones and bundles.
    """
    ends = (element.get(one), element.get(other))
    same = [
        each
        for each in target.iterfind(f"configuration/constraints/{element.tag}")
        if (each.get(one), each.get(other)) == ends
    ]
    resources = [end for end, name in zip(ends, (one, other), strict=True) if name != "node"]
    allowed = _resources(target)
    known = all(is_id(end) and allowed.get(str(end)) for end in resources)
    return is_id(element.get("id")) and len(same) == 1 and known and ends[0] != ends[1]


def _resources(target: etree._Element) -> dict[str, bool]:
    """Return the ids of all resources, and whether a constraint may name each of them."""
    found = {}
    for top in target.iterfind("configuration/resources/*"):
        for each in top.iter("primitive", "group", "clone", "master", "bundle"):
            found[str(each.get("id"))] = each is top or top.tag == "group"
    return found


def _options(element: etree._Element, *names: str) -> dict[str, str]:
    return {name: str(element.get(name)) for name in names if element.get(name) is not None}


_ADD: dict[str, Callable[[etree._Element, etree._Element], list[Argv] | None]] = {
    "rsc_order": _order,
    "rsc_colocation": _colocation,
    "rsc_location": _location,
    "tag": _tag,
    "fencing-level": _level,
}

#: Tags of the objects that `add` can add, after all resources.
ADDED_LAST = frozenset(_ADD)
