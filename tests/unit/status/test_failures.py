"""Operations that failed, in the agents' own words."""

from __future__ import annotations

import pytest
from lxml import etree

from pacemaker_os.status.failures import Failure, moment, read_failed_probes, read_failures

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
    reason, moment = "couldn't find command: modprobe", "2026-11-20T15:52:53+00:00"
    failure = Failure("disk", "probe", "n1", "not installed", reason, moment, "411")
    assert list(read_failed_probes(etree.fromstring(STATUS))) == [failure]


HISTORY = """
<node_history><node name="n2"><resource_history id="vip" migration-threshold="3" fail-count="3"/></node>
</node_history>"""


def result(inside: str) -> etree._Element:
    return etree.fromstring(f"<pacemaker-result>{inside}</pacemaker-result>")


def failure(words: str) -> Failure:
    (found,) = read_failures(result(f'<failures><failure node="n2" {words}/></failures>{HISTORY}'))
    return found


def test_the_agent_s_words_are_not_escaped_twice() -> None:
    found = failure(
        'op_key="db_monitor_10000" exitstatus="error" exitreason="node &amp;lt;n1&amp;gt; is not  primary"'
    )
    assert found.reason == "node <n1> is not primary"


def test_no_words_are_no_words() -> None:
    assert failure('op_key="vip_start_0" exitreason="none"').reason == ""


def test_resource_task_and_counts() -> None:
    found = failure('op_key="vip_start_0" task="start" exitstatus="not installed"')
    assert (found.resource, found.task, found.count, found.threshold) == ("vip", "start", 3, 3)


def test_names_with_underlines_stay_whole() -> None:
    assert failure('op_key="my_vip_1_monitor_0" task="monitor" interval="0"').resource == "my_vip_1"


def test_probe_is_told_from_monitor() -> None:
    assert failure('op_key="vip_monitor_0" task="monitor" interval="0"').task == "probe"
    assert failure('op_key="vip_monitor_9" task="monitor" interval="9"').task == "monitor"


def test_what_was_given_up_says_after_how_long() -> None:
    found = failure('op_key="vip_start_0" status="Timed Out" exec="20003" exitstatus="error"')
    assert found.status == "timed out after 20.003 s"


def test_operation_without_a_key_is_told_too() -> None:
    assert failure('id="rsc1_stop_0" exitstatus="error" status="Error"').resource == "rsc1"


def test_latest_failure_comes_first() -> None:
    many = "".join(
        f'<failure op_key="r{n}_start_0" last-rc-change="2026-01-0{n} 00:00:00Z"/>' for n in (1, 3, 2)
    )
    found = read_failures(result(f"<failures>{many}</failures>"))
    assert [each.resource for each in found] == ["r3", "r2", "r1"]


@pytest.mark.parametrize(("code", "said"), [("190", "OCF_DEGRADED"), ("191", "promoted (degraded)")])
def test_degraded_is_no_failure_and_is_called_so(code: str, said: str) -> None:
    found = failure(
        f'op_key="db_monitor_10000" exitstatus="{said}" exitcode="{code}" exitreason="a replica is behind"'
    )
    assert (found.degraded, found.status, found.reason) == (True, "degraded", "a replica is behind")
    assert not failure('op_key="db_monitor_10000" exitstatus="error" exitcode="1"').degraded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-12-02 17:04:36Z", "2022-12-02T17:04:36+00:00"),
        ("2022-12-02 17:04:36 +01:00", "2022-12-02T17:04:36+01:00"),
        ("never", "never"),
        ("", ""),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert moment(text) == expected
