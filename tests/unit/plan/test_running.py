"""What a status says of probes that failed."""

from __future__ import annotations

from lxml import etree

from pacemaker_os.plan.running import Failure, read_failed_probes

STATUS = """
<cib><status><node_state id="1" uname="n1"><lrm id="1"><lrm_resources>
  <lrm_resource id="disk">
    <lrm_rsc_op id="disk_last_0" operation="monitor" interval="0" rc-code="5" call-id="411"
      last-rc-change="1795189973" exit-reason="couldn't find command: modprobe"/>
    <lrm_rsc_op id="disk_last_failure_0" operation="monitor" interval="0" rc-code="5" call-id="411"/>
  </lrm_resource>
  <lrm_resource id="rests">
    <lrm_rsc_op id="rests_last_0" operation="monitor" interval="0" rc-code="7" call-id="412"/>
  </lrm_resource>
  <lrm_resource id="runs">
    <lrm_rsc_op id="runs_last_0" operation="start" interval="0" rc-code="0" call-id="413"/>
  </lrm_resource>
</lrm_resources></lrm></node_state></status></cib>
"""


def test_a_failed_probe_is_told_once_in_the_agents_words() -> None:
    reason, moment = "couldn't find command: modprobe", "2026-11-20 15:52:53+00:00"
    failure = Failure("disk", "probe", "n1", "not installed", reason, moment, "411")
    assert list(read_failed_probes(etree.fromstring(STATUS))) == [failure]
