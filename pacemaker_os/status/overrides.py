"""Operator overrides, read from the CIB and from the result of crm_mon."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.overrides import OPERATOR_CONSTRAINTS
from pacemaker_os.cib.values import boolean, role, score
from pacemaker_os.status.values import Override

#: The kind of override for each node attribute.
_NODE_KINDS = {"standby": "standby", "maintenance": "node-maintenance"}

_RESOURCES = ("primitive", "group", "clone", "master", "bundle")


def read_overrides(cib: etree._Element, result: etree._Element) -> tuple[Override, ...]:
    """Return the overrides in a `<cib>`, and the tickets that are not granted according to crm_mon."""
    return (
        *_cluster_overrides(cib),
        *_node_overrides(cib),
        *_resource_overrides(cib),
        *_move_constraints(cib),
        *_tickets(cib, result),
    )


def _cluster_overrides(cib: etree._Element) -> Iterator[Override]:
    properties = _pairs(cib, "configuration/crm_config/cluster_property_set")
    for name in ("maintenance-mode", "stop-all-resources"):
        if boolean(properties.get(name, "")):
            yield Override(kind=name)


def _node_overrides(cib: etree._Element) -> Iterator[Override]:
    """Yield standby and maintenance, from permanent and from transient node attributes."""
    seen: set[tuple[str, str]] = set()
    for path, inside in (
        ("configuration/nodes/node", "instance_attributes"),
        ("status/node_state", "transient_attributes/instance_attributes"),
    ):
        for node in cib.iterfind(path):
            attributes = _pairs(node, inside)
            for name, kind in _NODE_KINDS.items():
                key = (kind, node.get("uname", ""))
                if boolean(attributes.get(name, "")) and key not in seen:
                    seen.add(key)
                    yield Override(kind=kind, what=key[1])


def _resource_overrides(cib: etree._Element) -> Iterator[Override]:
    for resource in cib.iterfind("configuration/resources//*"):
        if resource.tag not in _RESOURCES:
            continue
        meta, name = _pairs(resource, "meta_attributes"), resource.get("id", "")
        if (target_role := role(meta.get("target-role", ""))) in ("Stopped", "Unpromoted"):
            yield Override(kind=target_role.lower(), what=name)
        if boolean(meta.get("is-managed", "")) is False:
            yield Override(kind="unmanaged", what=name)
        if boolean(meta.get("maintenance", "")):
            yield Override(kind="maintenance", what=name)


def _move_constraints(cib: etree._Element) -> Iterator[Override]:
    """Yield the constraints that `crm_resource --ban` and `--move` created."""
    for constraint in cib.iterfind("configuration/constraints/rsc_location"):
        if not constraint.get("id", "").startswith(OPERATOR_CONSTRAINTS):
            continue
        scores = [constraint.get("score"), *(rule.get("score") for rule in constraint.iter("rule"))]
        forbids = any((score(each) or 0) < 0 for each in scores if each)
        named = next((e.get("value") for e in constraint.iter("expression") if e.get("value")), "")
        ends = next((e.get("end") for e in constraint.iter("date_expression") if e.get("end")), "")
        yield Override(
            kind="ban" if forbids else "prefer",
            what=constraint.get("rsc", ""),
            node=constraint.get("node") or named or "",
            until=ends or "",
        )


def _tickets(cib: etree._Element, result: etree._Element) -> Iterator[Override]:
    granted = {
        ticket.get("id")
        for ticket in result.iterfind("tickets/ticket")
        if ticket.get("status") == "granted" and ticket.get("standby") != "true"
    }
    required = (each.get("ticket", "") for each in cib.iterfind("configuration/constraints/rsc_ticket"))
    for name in dict.fromkeys(required):
        if name not in granted:
            yield Override(kind="ticket", what=name)


def _pairs(parent: etree._Element, sets: str) -> dict[str, str]:
    """Return the pairs of the sets at a path that have no rule; the first pair of a name wins."""
    found: dict[str, str] = {}
    for nvset in parent.iterfind(sets):
        if nvset.find("rule") is None:
            for pair in nvset.iterfind("nvpair"):
                found.setdefault(pair.get("name", ""), pair.get("value", ""))
    return found
