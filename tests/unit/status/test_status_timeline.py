"""Episodes of the timeline."""

from __future__ import annotations

from lxml import etree
from states import state

from pacemaker_os.status.timeline import Episode, Event, episodes
from pacemaker_os.status.values import Fencing


def operation(task: str, when: int, code: str = "0", more: str = "") -> str:
    return (
        f'<lrm_rsc_op id="r_last_0" operation="{task}" last-rc-change="{when}" rc-code="{code}"'
        f' exec-time="1500" {more}/>'
    )


def history(*operations: str, fenced: tuple[Fencing, ...] = ()) -> list[Episode]:
    cib = etree.fromstring(
        '<cib><status><node_state uname="n1"><lrm><lrm_resources><lrm_resource id="vip">'
        f"{''.join(operations)}</lrm_resource></lrm_resources></lrm></node_state></status></cib>"
    )
    return episodes(cib, state(fenced=fenced))


def test_close_events_are_one_episode_and_the_latest_is_first() -> None:
    found = history(operation("stop", 1000), operation("start", 1030), operation("start", 5000))
    assert [[event.when for event in each.events] for each in found] == [[5000], [1000, 1030]]
    assert found[1].seconds == 31.5
    assert found[1].title == "1 stopped, 1 started"


def test_failure_is_named_with_its_exit_reason() -> None:
    (found,) = history(operation("start", 1000, "5", 'exit-reason="no nic"'))
    assert found.title == "failed: vip"
    assert found.events == (Event(1000, 1.5, "n1", "vip", "start failed", True, "no nic"),)


def test_only_failed_monitors_are_events() -> None:
    assert (
        history(operation("monitor", 1000), operation("monitor", 1000, "7"), operation("monitor", 1, "8"))
        == []
    )
    (found,) = history(operation("monitor", 1000, "1"))
    assert found.title == "failed: vip"


def test_pending_operations_and_those_without_time_are_skipped() -> None:
    assert history(operation("start", 1000, "193", 'op-status="-1"'), '<lrm_rsc_op operation="start"/>') == []


def test_fencing_is_an_event() -> None:
    fenced = Fencing(target="n3", action="reboot", status="success", when="1970-01-01T00:16:45+00:00")
    (found,) = history(operation("start", 1000), fenced=(fenced,))
    assert found.title == "fenced n3, 1 started"
