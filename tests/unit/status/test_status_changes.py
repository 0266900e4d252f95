"""Changes between two states of a cluster."""

from __future__ import annotations

from dataclasses import replace

from node_states import facts, health, view
from states import NODES, clone, promotable, service, state

from pacemaker_os.status.changes import changes
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.values import Fencing

DOWN = replace(NODES[2], state="unclean", online=False)


def events(before, after) -> list[tuple[str, str]]:
    return [(change.severity, change.text) for change in changes(before, after)]


def test_equal_states_have_no_changes() -> None:
    assert events(state(), state()) == []


def test_failover_reports_node_and_service() -> None:
    after = state(
        nodes=(*NODES[:2], DOWN),
        services=(service("vip", "n2"), clone("lb", "n1", "n2"), promotable("db", "n2")),
        fenced=(Fencing(target="n3", action="reboot", status="success"),),
    )
    before = state(services=(service("vip", "n3"), clone("lb"), promotable("db", "n3", "n2")))
    assert events(before, after) == [
        ("critical", "n3: online -> unclean"),
        ("notice", "vip: Started n3 -> Started n2"),
        ("warning", "lb: Started n[1-3] -> Started n[1-2]"),
        ("warning", "db: Promoted n3, Unpromoted n2 -> Promoted n2"),
        ("warning", "fencing of n3 (reboot): success"),
    ]


def test_lost_quorum_and_dc_are_reported() -> None:
    assert events(state(), state(quorum=False)) == [("critical", "quorum lost")]
    assert events(state(), state(dc="n2")) == [("notice", "n2 is the designated controller (DC)")]


def test_node_that_has_not_joined_reports_nothing_as_stopped() -> None:
    nodes = tuple(replace(node, state="offline", online=False) for node in NODES)
    after = state(nodes=nodes, dc="", quorum=False, services=(service("vip"), clone("lb", "")))
    assert events(state(), after) == [
        ("warning", "no designated controller (DC): the state of the cluster is unknown")
    ]


def test_service_on_an_unclean_node_hangs() -> None:
    after = state(nodes=(*NODES[:2], DOWN), services=(service("vip", "n3"), clone("lb")))
    before = state(services=(service("vip", "n3"), clone("lb")))
    assert events(before, after) == [
        ("critical", "n3: online -> unclean"),
        ("critical", "vip: Started n3 -> hangs on n3, whose state is unknown, until n3 is fenced"),
        ("warning", "lb: Started n[1-3] -> Started n[1-2] (partial)"),
    ]


def test_added_and_removed_services_are_reported() -> None:
    before, after = state(services=(service("a", "n1"),)), state(services=(service("b"),))
    assert events(before, after) == [
        ("notice", "b was added: Stopped"),
        ("notice", "a was removed from the configuration"),
    ]


def test_stopped_service_is_critical() -> None:
    assert events(state(services=(service("a", "n1"),)), state(services=(service("a"),))) == [
        ("critical", "a: Started n1 -> Stopped")
    ]


def test_failure_is_reported_once() -> None:
    failed = state(
        failures=(Failure(resource="a", task="monitor", node="n1", status="error", reason="died"),)
    )
    assert events(state(), failed) == [("warning", "a failed on n1 (monitor): died")]
    assert events(failed, failed) == []


def test_connected_node_that_leaves_the_cluster_gives_no_other_events() -> None:
    alone = [{"uname": "n1", "crmd": "0", "join": "down"}]
    own = facts("n1", view=view(nodes=alone, **{"have-quorum": "0"}))
    before, after = state(health=health()), state(health=health(own), quorum=False, dc="", services=())
    (change,) = changes(before, after)
    assert change.text == "n1 is not part of the cluster: its view is not current"
    assert list(changes(after, after)) == []
