"""What differs from what was applied, by the memory of the cluster and the history."""

from __future__ import annotations

import json
from dataclasses import replace

from lxml import etree

from pacemaker_os import document
from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.parse import parse_cib
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.history import Record
from pacemaker_os.cluster.state.drift import _records, read_drift
from pacemaker_os.cluster.state.values import Drift
from pacemaker_os.plan.diff.compare import Rules, comparison
from pacemaker_os.plan.diff.planned import planned

EMPTY = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"
FIRST = """
properties: {no-quorum-policy: stop}
resources:
  vip: {agent: "ocf:heartbeat:IPaddr2", params: {ip: 10.0.0.1}}
  lb: {agent: "systemd:haproxy", clone: {interleave: true}}
order:
  - lb then vip
"""


def applied(cib, text: str, number: int):
    """The CIB with a document applied, and the record of it."""
    live = Cib.from_xml(etree.tostring(content.configuration(cib)))
    found = comparison(live, document.load(text), owner="site", rules=Rules(new_nodes=True))
    record = Record(
        id=f"2026010{number}",
        when="",
        document="site",
        before=Version(0, number, 0),
        after=Version(0, number + 1, 0),
        operations=found.operations,
    )
    return planned(cib, found.operations), record


def drift(cib, *records: Record) -> Drift:
    (found,) = read_drift(cib, records)
    return found


def test_as_applied() -> None:
    cib, record = applied(parse_cib(EMPTY), FIRST, 1)
    assert drift(cib, record) == Drift(document="site", objects=4)


def test_second_apply_counts_not_the_first() -> None:
    cib, first = applied(parse_cib(EMPTY), FIRST, 1)
    cib, second = applied(cib, FIRST.replace("10.0.0.1", "10.0.0.2"), 2)
    assert drift(cib, first, second) == Drift(document="site", objects=4)
    assert drift(cib, first).changed == (("primitive vip", ("params.ip",)),)


def test_by_hand() -> None:
    cib, record = applied(parse_cib(EMPTY), FIRST, 1)
    cib.find(".//nvpair[@name='ip']").set("value", "10.9.9.9")
    cib.find(".//nvpair[@name='no-quorum-policy']").set("value", "ignore")
    order = cib.find(".//rsc_order")
    order.getparent().remove(order)
    found = drift(cib, record)
    assert found.changed == (("primitive vip", ("params.ip",)), ("property no-quorum-policy", ()))
    assert found.gone == (f"order {order.get('id')}",)


def test_what_an_operator_holds_is_no_difference() -> None:
    cib, record = applied(parse_cib(EMPTY), FIRST, 1)
    vip = cib.find(".//primitive[@id='vip']")
    vip.append(
        parse_cib(
            '<cib><configuration><meta_attributes id="m"><nvpair id="t" name="target-role" value="Stopped"/>'
            "</meta_attributes></configuration></cib>"
        ).find("configuration/meta_attributes")
    )
    assert drift(cib, record).changed == ()


def test_without_history_nobody_knows() -> None:
    cib, _ = applied(parse_cib(EMPTY), FIRST, 1)
    assert drift(cib) == Drift(document="site", objects=4, unknown=4)


def test_removed_and_forgotten() -> None:
    cib, record = applied(parse_cib(EMPTY), FIRST, 1)
    vip = cib.find(".//primitive[@id='vip']")
    vip.getparent().remove(vip)
    assert drift(cib, record).gone == ("primitive vip",)
    assert drift(cib).gone == ("primitive vip",)


def test_cluster_without_documents() -> None:
    assert read_drift(parse_cib(EMPTY), ()) == ()


def test_records_that_follow_each_other_are_read_up_to_what_is_none() -> None:
    _, record = applied(parse_cib(EMPTY), FIRST, 1)
    text = json.dumps(record.to_json())
    two = replace(record, id="2")
    assert [each.id for each in _records(f"{text}\n{json.dumps(two.to_json())}")] == [record.id, "2"]
    assert list(_records(f"{text}{{broken")) == [record]
    assert list(_records("")) == []
