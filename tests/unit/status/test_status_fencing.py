"""Reasons of fencing, and of its failures, from lines of logs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from node_states import NOW, facts, findings, health, log
from states import NODES, service, state

from pacemaker_os.status.fencing import agent_lines, fencing_reason, gave_up
from pacemaker_os.status.health.coverage import Coverage
from pacemaker_os.status.health.node_facts import LogLine, NodeFacts
from pacemaker_os.status.values import Fencing, Node

SCHEDULER, FENCER, CONTROLLER = "pacemaker-schedulerd", "pacemaker-fenced", "pacemaker-controld"


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def event(**changes: str) -> Fencing:
    about = {"target": "n3", "action": "reboot", "status": "success", "client": "pacemaker-controld.1587"}
    return Fencing(**{**about, "when": when(NOW + 2), **changes})


def node(*lines: LogLine, name: str = "n1") -> NodeFacts:
    return replace(facts(name), log=lines)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            (
                "Unexpected result (Error occurred: disk is gone) was recorded for stop of vip on n3 at "
                "Nov 30 18:52:31 2026 | exit-status=1 id=vip_last_failure_0",
                "Cluster node n3 will be fenced: vip failed there",
            ),
            "stop of vip failed: Error occurred: disk is gone",
        ),
        (
            (
                "Unexpected result (error: login with password=x) was recorded for stop of st:1 on n3 at x",
                "Cluster node n3 will be fenced: st:0 failed there",
            ),
            "stop of st:1 failed: error: login with password=*****",
        ),
        (("Cluster node n3 will be fenced: vip failed there",), "vip failed there"),
        (
            ("Remote node n3 will be fenced: remote connection is unrecoverable",),
            "its connection failed and could not be recovered",
        ),
        (
            ("Cluster node N3 will be fenced: peer is no longer part of the cluster",),
            "it left the cluster without a shutdown (power, network or corosync failed, or it did not "
            "respond)",
        ),
        (("Cluster node n3 will be fenced: a reason of the future",), "a reason of the future"),
        (("Cluster node n30 will be fenced: peer is no longer part of the cluster",), ""),
        ((), ""),
    ],
)
def test_fencing_reason_is_that_of_the_scheduler(lines: tuple[str, ...], reason: str) -> None:
    entries = log(*(f"{SCHEDULER}: {line}" for line in lines))
    assert fencing_reason(event(), [node(*entries)]) == reason


def test_first_decision_of_a_series_is_the_reason() -> None:
    first = log(f"{SCHEDULER}: Cluster node n3 will be fenced: vip failed there", when=NOW)
    later = log(
        f"{SCHEDULER}: Cluster node n3 will be fenced: peer is no longer part of the cluster", when=NOW + 1
    )
    assert fencing_reason(event(), [node(*first, *later)]) == "vip failed there"


def test_decision_about_an_earlier_failure_is_not_the_reason() -> None:
    old = log(f"{SCHEDULER}: Cluster node n3 will be fenced: vip failed there", when=NOW - 5000)
    assert fencing_reason(event(), [node(*old)]) == ""


def test_client_of_an_operator_is_the_reason() -> None:
    assert fencing_reason(event(client="stonith_admin.2185"), []) == "requested with stonith_admin"


def test_cause_is_part_of_the_finding_about_fencing() -> None:
    lines = log(f"{SCHEDULER}: Cluster node n3 will be fenced: vip failed there")
    (found,) = findings(node(*lines), fenced=(event(),))
    assert (found.code, found.reason) == ("fenced", "reason: vip failed there")


AGENT = (
    *log(f"{FENCER}: fence_x[7] stderr: [  ]"),
    *log(f"{FENCER}: fence_x[7] stderr: [ 2026-11-30 18:53:53,360 ERROR: Unable to connect/login ]"),
    *log(f"{FENCER}: fence_x[7] stderr: [ 2026-11-30 18:53:53,361 ERROR: Please use '-h' for usage ]"),
    *log(f"{FENCER}: fence_x[8] stderr: [ of another run ]"),
    *log(f"{FENCER}: Operation 'reboot' [7] targeting n3 using d3 returned 1 | call 10 from x"),
    *log(f"{FENCER}: Operation 'monitor' [9] using d1 returned 0"),
)


def test_agent_lines_are_those_of_the_last_failed_run_of_the_device() -> None:
    nodes = [node(*AGENT, name="n2")]
    assert agent_lines("d3", nodes) == (("Unable to connect/login",), "n2")
    assert agent_lines("d1", nodes) == ((), "")


GAVE_UP = log(f"{CONTROLLER}: Too many failures (10) to fence n3, giving up")
UNCLEAN = (*NODES[:2], Node(name="n3", state="unclean", online=False))


def test_end_of_attempts_is_reported_with_the_lines_of_the_agent() -> None:
    made = health(node(*AGENT, *GAVE_UP), coverage=(Coverage("n3", ("d3",)),))
    found = state(health=made, nodes=UNCLEAN, fenced=(event(status="failed"),)).findings
    first = next(each for each in found if each.code == "fencing-gave-up")
    assert "10 attempts" in first.text
    assert first.lines == ("Unable to connect/login",)
    assert first.command == ("stonith_admin", "--reboot", "n3")
    assert "fencing-failed" not in [each.code for each in found]


def test_successful_fencing_ends_the_report_of_the_attempts() -> None:
    assert list(gave_up([node(*GAVE_UP)], [event(when=when(NOW + 60))])) == []
    assert len(list(gave_up([node(*GAVE_UP)], [event(when=when(NOW - 60))]))) == 1


def test_node_without_a_device_is_reported() -> None:
    made = health(coverage=(Coverage("n1", ("d",)), Coverage("n2", ())))
    (found,) = state(health=made).findings
    assert (found.code, found.subject) == ("fencing-no-coverage", "n2")


def test_unclean_node_without_a_device_needs_a_confirmation() -> None:
    made = health(coverage=(Coverage("n3", ()),))
    found = state(health=made, nodes=UNCLEAN).findings
    unclean = next(each for each in found if each.code == "node-unclean")
    assert "no device can fence it" in unclean.advice
    assert unclean.command == ("stonith_admin", "--confirm", "n3")


def test_disabled_fencing_with_devices_names_the_property() -> None:
    (found,) = state(fencing=False, devices=3).findings
    assert found.command == ("crm_attribute", "--name", "stonith-enabled", "--update", "true")


def test_device_that_never_worked_is_reported_unless_it_failed() -> None:
    made = health(untested=("d", "vip"))
    (found,) = state(health=made, services=(service("vip", "n1"),)).findings
    assert (found.code, found.subject) == ("fencing-not-tested", "d")
