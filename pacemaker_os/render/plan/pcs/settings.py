"""Commands for single values: properties, defaults, and values of nodes."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.render.plan.pcs.tokens import Argv, is_name, is_node, is_value
from pacemaker_os.render.plan.pcs.xml import plain_pairs

FIRST_SET = "cib-bootstrap-options"


def assign(change: ConfigChange, element: etree._Element, start: etree._Element) -> list[Argv] | None:
    """Return the command that sets or removes a single value; None if pcs would write another one."""
    name, value = element.get("name"), element.get("value")
    if not is_name(name) or not (change.new is None or is_value(value)):
        return None
    command = _COMMANDS[change.kind](change, start)
    if command is None:
        return None
    force = ["--force"] if change.kind == "property" else []
    return [[*command, f"{name}={value if change.new is not None else ''}", *force]]


def _property(change: ConfigChange, start: etree._Element) -> Argv | None:
    """Return the command if the set of the change is the one that pcs writes, the first one."""
    sets = start.findall("configuration/crm_config/*")
    identifier = dict(change.parent_path[-1][1]).get("id")
    first = not sets or sets[0].get("id") == FIRST_SET
    writable = first and identifier == FIRST_SET and (not sets or _is_plain(sets[0]))
    return ["pcs", "property", "set"] if writable else None


def _defaults(*command: str) -> Callable[[ConfigChange, etree._Element], Argv | None]:
    def make(change: ConfigChange, start: etree._Element) -> Argv | None:
        sets = start.findall(f"configuration/{change.section}/*")
        identifier = dict(change.parent_path[-1][1]).get("id")
        same = len(sets) == 1 and sets[0].get("id") == identifier and _is_plain(sets[0])
        return [*command] if not sets or same else None

    return make


def _node(*command: str) -> Callable[[ConfigChange, etree._Element], Argv | None]:
    def make(change: ConfigChange, start: etree._Element) -> Argv | None:
        names = dict(change.parent_path[1][1])
        node = next(
            (
                each
                for each in start.iterfind("configuration/nodes/node")
                if each.get("uname") == names.get("uname")
            ),
            None,
        )
        if node is None or node.get("type") == "remote" or not is_node(node.get("uname")):
            return None
        tag, attributes = change.parent_path[2]
        suffix = "" if tag == "instance_attributes" else f"-{tag}"
        usual = dict(attributes).get("id") == f"nodes-{node.get('id')}{suffix}"
        return [*command, str(node.get("uname"))] if usual and plain_pairs(node, tag) is not None else None

    return make


def _is_plain(nvset: etree._Element) -> bool:
    holder = etree.Element("sets")
    holder.append(etree.fromstring(etree.tostring(nvset)))
    return plain_pairs(holder, str(nvset.tag)) is not None


_COMMANDS: dict[str, Callable[[ConfigChange, etree._Element], Argv | None]] = {
    "property": _property,
    "resource default": _defaults("pcs", "resource", "defaults", "update"),
    "operation default": _defaults("pcs", "resource", "op", "defaults", "update"),
    "node attribute": _node("pcs", "node", "attribute"),
    "node utilization": _node("pcs", "node", "utilization"),
}

KINDS = frozenset(_COMMANDS)
