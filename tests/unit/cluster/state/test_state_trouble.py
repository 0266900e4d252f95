"""Failures and fencing in the agents' own words."""

from __future__ import annotations

import pytest
from looks import result, service
from lxml import etree

from pacemaker_os.cluster.state.trouble import moment, read_failures, read_fencing, read_probes

HISTORY = """
<node_history><node name="n2"><resource_history id="vip" migration-threshold="3" fail-count="3"/></node>
</node_history>"""


def failure(words: str):
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


def test_failed_probes_are_told_of_what_runs_nowhere() -> None:
    operation = (
        '<lrm_rsc_op id="{0}_last_0" operation="monitor" interval="0" rc-code="5" exit-reason="no such unit"'
        ' last-rc-change="1000"/>'
    )
    resources = "".join(f'<lrm_resource id="{r}">{operation.format(r)}</lrm_resource>' for r in "ab")
    cib = etree.fromstring(
        f'<cib><status><node_state uname="n1"><lrm><lrm_resources>{resources}</lrm_resources></lrm>'
        "</node_state></status></cib>"
    )
    (found,) = read_probes(cib, [service("a"), service("b", "n2")])
    assert (found.resource, found.task, found.status, found.reason) == (
        "a",
        "probe",
        "not installed",
        "no such unit",
    )
    assert found.when == "1970-01-01T00:16:40+00:00"


def test_fencing() -> None:
    event = (
        '<fence_history><fence_event status="failed" action="reboot" target="n3" client="x"'
        ' completed="2026-01-02 03:04:05Z" exit-reason="no answer"/></fence_history>'
    )
    (found,) = read_fencing(result(event))
    assert (found.target, found.status, found.reason) == ("n3", "failed", "no answer")


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
