"""What operators hold for a while, read from the configuration."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.overrides import OPERATOR_CONSTRAINTS
from pacemaker_os.cib.values import boolean, role, score
from pacemaker_os.status.values import Override

#: What an attribute of a node is called as a hold.
_NODE_KINDS = {"standby": "standby", "maintenance": "node-maintenance"}

_RESOURCES = ("primitive", "group", "clone", "master", "bundle")


def read_overrides(cib: etree._Element, result: etree._Element) -> tuple[Override, ...]:
    """Every hold that the `<cib>` says, and the tickets that crm_mon's result does not find granted."""
    return (
        *_of_cluster(cib),
        *_of_nodes(cib),
        *_of_resources(cib),
        *_constraints(cib),
        *_tickets(cib, result),
    )


def _of_cluster(cib: etree._Element) -> Iterator[Override]:
    said = _pairs(cib, "configuration/crm_config/cluster_property_set")
    for name in ("maintenance-mode", "stop-all-resources"):
        if boolean(said.get(name, "")):
            yield Override(kind=name)


def _of_nodes(cib: etree._Element) -> Iterator[Override]:
    """Standby and maintenance: said for good in the node's attributes, or until it restarts in the status."""
    seen: set[tuple[str, str]] = set()
    for path, inside in (
        ("configuration/nodes/node", "instance_attributes"),
        ("status/node_state", "transient_attributes/instance_attributes"),
    ):
        for node in cib.iterfind(path):
            said = _pairs(node, inside)
            for name, kind in _NODE_KINDS.items():
                key = (kind, node.get("uname", ""))
                if boolean(said.get(name, "")) and key not in seen:
                    seen.add(key)
                    yield Override(kind=kind, what=key[1])


def _of_resources(cib: etree._Element) -> Iterator[Override]:
    for resource in cib.iterfind("configuration/resources//*"):
        if resource.tag not in _RESOURCES:
            continue
        said, name = _pairs(resource, "meta_attributes"), resource.get("id", "")
        if (wanted := role(said.get("target-role", ""))) in ("Stopped", "Unpromoted"):
            yield Override(kind=wanted.lower(), what=name)
        if boolean(said.get("is-managed", "")) is False:
            yield Override(kind="unmanaged", what=name)
        if boolean(said.get("maintenance", "")):
            yield Override(kind="maintenance", what=name)


def _constraints(cib: etree._Element) -> Iterator[Override]:
    """What `crm_resource --ban` and `--move` left behind."""
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
    needed = (each.get("ticket", "") for each in cib.iterfind("configuration/constraints/rsc_ticket"))
    for name in dict.fromkeys(needed):
        if name not in granted:
            yield Override(kind="ticket", what=name)


def _pairs(place: etree._Element, sets: str) -> dict[str, str]:
    """The pairs of the sets at a path that always hold; of several of a name, the first."""
    found: dict[str, str] = {}
    for nvset in place.iterfind(sets):
        if nvset.find("rule") is None:
            for pair in nvset.iterfind("nvpair"):
                found.setdefault(pair.get("name", ""), pair.get("value", ""))
    return found
