"""Operator overrides in the configuration, the status and the result of crm_mon."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib import Cib, overrides
from pacemaker_os.cib.overrides import OPERATOR_NODE_ATTRIBUTES, Override
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.values import boolean


def read_overrides(cib: etree._Element, result: etree._Element) -> tuple[Override, ...]:
    """Return the overrides that have an effect, and the tickets that are not granted according to crm_mon."""
    configured = tuple(overrides.read_overrides(Cib.from_element(content.configuration(cib))))
    permanent = {(each.kind, each.what) for each in configured}
    transient = (each for each in _transient(cib) if (each.kind, each.what) not in permanent)
    return (*(each for each in configured if each.kind), *transient, *_tickets(cib, result))


def _transient(cib: etree._Element) -> Iterator[Override]:
    """Yield standby and maintenance from transient node attributes, which last until the node restarts."""
    for node in cib.iterfind("status/node_state"):
        found: dict[str, str] = {}
        for pair in node.iterfind("transient_attributes/instance_attributes/nvpair"):
            found.setdefault(pair.get("name", ""), pair.get("value", ""))
        for name, kind in OPERATOR_NODE_ATTRIBUTES.items():
            if boolean(found.get(name, "")):
                yield Override(kind=kind, what=node.get("uname", ""))


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
