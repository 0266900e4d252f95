"""Simulated status for the scheduler."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.plan.prediction.simulated_status import (
    all_online,
    dc_of_rules,
    starting_unpromoted,
    with_promotion_scores,
    without_nodes,
)

CIB = """
<cib have-quorum="0"><configuration><crm_config/><nodes>
  <node id="1" uname="n1"/><node id="2" uname="n2"/>
</nodes><resources/><constraints/></configuration><status/></cib>
"""


def test_failed_nodes_are_offline_and_other_nodes_do_not_change() -> None:
    before = all_online(etree.fromstring(CIB))
    after = without_nodes(before, ["n2"], quorum=False)
    states = {state.get("uname"): state for state in after.iterfind("status/node_state")}
    assert (states["n1"].get("in_ccm"), states["n1"].get("crmd")) == ("true", "online")
    assert (states["n2"].get("in_ccm"), states["n2"].get("crmd")) == ("false", "offline")
    # The scheduler fences a node that is offline although it is expected to be a member.
    assert states["n2"].get("expected") == "member"
    assert (before.get("have-quorum"), after.get("have-quorum")) == ("1", "0")


@pytest.mark.parametrize(
    ("named", "failed", "expected"),
    [("", "", "1"), ("2", "", "2"), ("9", "", "1"), ("2", "n2", "1"), ("2", "n1", "2")],
    ids=["none", "member", "unknown", "dc fails", "other node fails"],
)
def test_dc_is_a_node_that_is_online(named: str, failed: str, expected: str) -> None:
    cib = etree.fromstring(CIB)
    if named:
        cib.set("dc-uuid", named)
    after = all_online(cib)
    if failed:
        after = without_nodes(after, [failed], quorum=True)
    assert after.get("dc-uuid") == expected


def test_dc_of_rules_is_only_known_if_a_rule_reads_it() -> None:
    cib = all_online(etree.fromstring(CIB))
    assert dc_of_rules(cib) == ""
    rule = '<rsc_location><rule><expression attribute="#is_dc"/></rule></rsc_location>'
    cib.find("configuration/constraints").append(etree.fromstring(rule))
    assert dc_of_rules(cib) == "n1"


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("", ["p"]),
        ('<lrm_rsc_op id="x" operation="start" rc-code="0" call-id="2"/>', []),
        (
            '<lrm_rsc_op id="x" operation="start" rc-code="0" call-id="2"/>'
            '<lrm_rsc_op id="y" operation="stop" rc-code="0" call-id="3"/>',
            ["p"],
        ),
        ('<lrm_rsc_op id="x" operation="monitor" rc-code="7" call-id="2"/>', ["p"]),
    ],
    ids=["new", "running", "stopped", "probed"],
)
def test_only_stopped_primitives_are_assumed_to_be_promoted(history: str, expected: list[str]) -> None:
    cib = etree.fromstring(
        '<cib><configuration><resources><clone id="c"><meta_attributes id="m"><nvpair id="m1" '
        'name="promotable" value="true"/></meta_attributes><primitive id="p"/></clone></resources>'
        '</configuration><status><node_state id="1" uname="n1" crmd="online"><lrm><lrm_resources>'
        f'<lrm_resource id="p">{history}</lrm_resource></lrm_resources></lrm></node_state></status></cib>'
    )
    assert starting_unpromoted(cib) == expected


@pytest.mark.parametrize(
    ("crmd", "expected"),
    [("online", 1), ("1796061159", 1), ("offline", 0), ("0", 0)],
    ids=["2.1.5", "3.0", "offline in 2.1.5", "offline in 3.0"],
)
def test_promotion_scores_are_set_on_online_nodes_of_every_pacemaker(crmd: str, expected: int) -> None:
    state = f'<node_state id="1" uname="n1" crmd="{crmd}"/>'
    cib = etree.fromstring(CIB.replace("<status/>", f"<status>{state}</status>"))
    found = with_promotion_scores(cib, ["p"]).findall("status/node_state//nvpair[@name='master-p']")
    assert len(found) == expected
