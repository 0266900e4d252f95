"""Which facts are gathered from which nodes."""

import pytest
from lxml import etree

from pacemaker_os.cluster.observe.gather import members, own_name, virtual_addresses
from pacemaker_os.cluster.target import Target
from pacemaker_os.status.health.queries import queries

CIB = etree.fromstring("""
<cib><configuration><nodes>
  <node id="1" uname="n1"/><node id="2" uname="n12"/><node id="r" uname="r" type="remote"/>
</nodes><resources>
  <group id="g"><primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
    <instance_attributes><nvpair name="ip" value="10.0.0.9"/></instance_attributes></primitive></group>
  <clone id="c"><primitive id="shared" class="ocf" provider="heartbeat" type="IPaddr2">
    <instance_attributes><nvpair name="ip" value="10.0.0.10"/></instance_attributes></primitive></clone>
</resources></configuration>
<status><node_state uname="n1" crmd="1796000000"><lrm><lrm_resources>
  <lrm_resource id="web" class="systemd" type="httpd">
    <lrm_rsc_op id="web_last_failure_0" operation="start" operation_key="web_start_0" rc-code="1"/>
  </lrm_resource>
  <lrm_resource id="db" class="ocf" type="pgsql">
    <lrm_rsc_op id="db_last_0" operation="start" operation_key="db_start_0" rc-code="1"/></lrm_resource>
  <lrm_resource id="ok" class="ocf" type="x">
    <lrm_rsc_op id="ok_last_0" operation="monitor" operation_key="ok_monitor_0" rc-code="7"/></lrm_resource>
  <lrm_resource id="told" class="ocf" type="told">
    <lrm_rsc_op id="told_last_0" operation="start" rc-code="1" exit-reason="reason"/></lrm_resource>
</lrm_resources></lrm></node_state><node_state uname="n12" crmd="0"/></status></cib>
""")


def test_members_are_cluster_nodes() -> None:
    found = members(CIB)
    assert (found.names, found.joined) == ({"1": "n1", "2": "n12"}, {"n1"})


def test_addresses_are_those_that_run_on_one_node() -> None:
    assert virtual_addresses(CIB) == {"10.0.0.9": "vip"}


def test_logs_of_failures_without_a_reason_are_needed() -> None:
    found = queries(CIB)
    assert (found["n1"].units, found["n1"].texts) == (("httpd",), ("db_start_0[",))
    assert set(found) == {"n1"}


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target(container="lab-n12"), "n12"),
        (Target(container="lab-n1"), "n1"),
        (Target(container="other"), ""),
        (Target(ssh="root@n12"), "n12"),
        (Target(ssh="n1.example.com"), "n1"),
        (Target(ssh="10.1.2.3"), ""),
    ],
)
def test_connected_node_is_known_by_the_name_of_the_target(target: Target, name: str) -> None:
    assert own_name(target, ["n1", "n12"]) == name
