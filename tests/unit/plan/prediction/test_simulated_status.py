"""Simulated status for the scheduler."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.plan.prediction.simulated_status import all_online, without_nodes

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
