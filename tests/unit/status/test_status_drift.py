"""Drift, computed from the ownership in the CIB and the apply history."""

from __future__ import annotations

from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.compare import PlanOptions, comparison
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.status.drift import read_drift
from pacemaker_os.status.values import Drift

EMPTY = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"
FIRST = """
properties: {no-quorum-policy: stop}
resources:
  vip: {agent: "ocf:heartbeat:IPaddr2", params: {ip: 10.0.0.1}}
  lb: {agent: "systemd:haproxy", clone: {interleave: true}}
order:
  - lb then vip
"""


def applied(cib, text: str) -> tuple[etree._Element, tuple[ConfigChange, ...]]:
    """Return the CIB with a document applied, and the changes."""
    live = Cib.from_element(content.configuration(cib))
    found = comparison(live, document.load(text), owner="site", options=PlanOptions(new_nodes=True))
    return planned(cib, found.changes), found.changes


def drift(cib, *applies: tuple[ConfigChange, ...]) -> Drift:
    (found,) = read_drift(cib, applies)
    return found


def test_applied_document_has_no_drift() -> None:
    cib, changes = applied(parse_cib(EMPTY), FIRST)
    assert drift(cib, changes) == Drift(document="site", objects=4)


def test_drift_compares_with_the_last_apply() -> None:
    cib, first = applied(parse_cib(EMPTY), FIRST)
    cib, second = applied(cib, FIRST.replace("10.0.0.1", "10.0.0.2"))
    assert drift(cib, first, second) == Drift(document="site", objects=4)
    assert drift(cib, first).changed == (("primitive vip", ("params.ip",)),)


def test_manual_changes_are_drift() -> None:
    cib, changes = applied(parse_cib(EMPTY), FIRST)
    cib.find(".//nvpair[@name='ip']").set("value", "10.9.9.9")
    cib.find(".//nvpair[@name='no-quorum-policy']").set("value", "ignore")
    order = cib.find(".//rsc_order")
    order.getparent().remove(order)
    found = drift(cib, changes)
    assert found.changed == (("primitive vip", ("params.ip",)), ("property no-quorum-policy", ()))
    assert found.removed == (f"order {order.get('id')}",)


def test_operator_override_is_not_drift() -> None:
    cib, changes = applied(parse_cib(EMPTY), FIRST)
    vip = cib.find(".//primitive[@id='vip']")
    vip.append(
        parse_cib(
            '<cib><configuration><meta_attributes id="m"><nvpair id="t" name="target-role" value="Stopped"/>'
            "</meta_attributes></configuration></cib>"
        ).find("configuration/meta_attributes")
    )
    assert drift(cib, changes).changed == ()


def test_objects_without_history_are_unknown() -> None:
    cib, _ = applied(parse_cib(EMPTY), FIRST)
    assert drift(cib) == Drift(document="site", objects=4, unknown=4)


def test_removed_object_is_reported_with_and_without_history() -> None:
    cib, changes = applied(parse_cib(EMPTY), FIRST)
    vip = cib.find(".//primitive[@id='vip']")
    vip.getparent().remove(vip)
    assert drift(cib, changes).removed == ("primitive vip",)
    assert drift(cib).removed == ("primitive vip",)


def test_cluster_without_documents_has_no_drift() -> None:
    assert read_drift(parse_cib(EMPTY), ()) == ()
