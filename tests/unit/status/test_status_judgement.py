"""The judgement of services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from states import NODES, clone, promotable, service, state

from pacemaker_os.plan.prediction.simulation import Action, Simulation
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.values import Service

UNCLEAN = {"nodes": (*NODES[:2], replace(NODES[2], state="unclean", online=False))}
STANDBY = {"nodes": (*NODES[:2], replace(NODES[2], state="standby"))}
FAILED = {"failures": (Failure("lb", "start", "n1", "error", count=1_000_000),)}
NO_DC = {"nodes": tuple(replace(node, state="pending") for node in NODES), "dc": ""}


def action(verb: str, resource: str, node: str, source: str = "", **more: Any) -> Action:
    return Action(verb, resource, node, source, **more)


START = action("start", "vip", "n2")

#: A service, the cluster, the next actions, and the state and text of the service.
CASES: list[tuple[Service, dict[str, Any], list[Action], str, str]] = [
    (service("vip", "n1"), {}, [], "running", "runs on n1"),
    (
        service("vip", "n3"),
        UNCLEAN,
        [START],
        "hanging",
        "hangs on n3, whose state is unknown, until n3 is fenced",
    ),
    (service("vip"), {}, [START], "starting", "is starting on n2"),
    (
        service("vip"),
        {},
        [START, action("fence", "", "n3")],
        "starting",
        "is starting on n2 after n3 is fenced",
    ),
    (service("vip", pending=("Starting",)), {}, [], "starting", "is starting"),
    (service("vip", pending=("Monitoring",)), {}, [], "starting", "is being probed"),
    (service("vip", "n1", pending=("Monitoring",)), {}, [], "running", "runs on n1"),
    (
        service("vip", "n1"),
        {},
        [action("recover", "vip", "n1", "n1")],
        "starting",
        "is being recovered on n1",
    ),
    (service("vip", "n1"), {}, [action("move", "vip", "n2", "n1")], "starting", "is moving on n2"),
    (service("vip", "n1"), {}, [action("stop", "vip", "", "n1")], "stopping", "is stopping on n1"),
    (service("vip", "n1"), {}, [action("stop", "vip", "", "n1", blocked=True)], "running", "runs on n1"),
    (service("vip"), {}, [action("start", "vip", "n1", blocked=True)], "cannot-run", "is stopped"),
    (service("vip"), {}, [], "cannot-run", "is stopped"),
    (service("vip", "n1", target_role="Stopped"), {}, [], "stopping", "is stopping on n1"),
    (service("vip", target_role="Stopped"), {}, [], "stopped", "is stopped by its target-role"),
    (service("vip", "n1", managed=False), {}, [], "held", "runs on n1; it is unmanaged"),
    (service("vip", "n1", maintenance=True), {}, [], "held", "runs on n1; it is in maintenance mode"),
    (service("vip", managed=False), {}, [], "unmanaged-down", "is down; it is unmanaged"),
    (service("vip", blocked=True), {}, [], "blocked", "is blocked"),
    (service("vip", "n1", orphaned=True), {}, [], "orphaned", "runs on n1 but is no longer configured"),
    (service("vip", "n1", degraded=True), {}, [], "degraded", "runs on n1, degraded"),
    (service("vip", needs=("db",)), {}, [START], "waiting", "waits for db"),
    (service("vip"), NO_DC, [], "cluster-starting", "is not started: the cluster has no DC yet"),
    (clone("lb"), {}, [], "running", "runs on n[1-3]"),
    (clone("lb", "n1", "n2"), STANDBY, [], "running", "runs on n[1-2]"),
    (
        clone("lb", "n2", "n3"),
        FAILED,
        [],
        "partial",
        "runs on 2 of 3 nodes; failed on n1 and is not retried there",
    ),
    (
        clone("lb", "n2", "n3"),
        FAILED,
        [action("start", "lb:2", "n1")],
        "partial",
        "runs on 2 of 3 nodes; is starting on n1",
    ),
    (
        clone("lb"),
        UNCLEAN,
        [],
        "partial",
        "runs on 2 of 3 nodes; hangs on n3, whose state is unknown, until n3 is fenced",
    ),
    (promotable("pg", "n1", "n2"), {}, [], "running", "runs on n[1-2]"),
    (promotable("pg", "", "n1 n2"), {}, [], "not-promoted", "is not promoted on any node"),
    (
        promotable("pg", "", "n1 n2"),
        {},
        [action("promote", "pg:0", "n1", "n1")],
        "starting",
        "is being promoted on n1",
    ),
    (
        promotable("pg", "n3", "n1 n2"),
        UNCLEAN,
        [],
        "hanging",
        "is not promoted; hangs on n3, whose state is unknown, until n3 is fenced",
    ),
]


@pytest.mark.parametrize(("judged", "cluster", "actions", "name", "text"), CASES)
def test_service_has_one_state(
    judged: Service, cluster: dict[str, Any], actions: list[Action], name: str, text: str
) -> None:
    found = state(
        simulation=Simulation((), (), tuple(actions)), services=(judged, service("db")), **cluster
    ).services[0]
    assert (found.judgement.state, found.judgement.text) == (name, text)


def test_unclean_node_runs_nothing() -> None:
    found = state(services=(service("vip", "n3"),), **UNCLEAN).services[0]
    assert (found.runs, found.nodes) == (False, ())
    assert found.hanging[0].nodes == ("n3",)


@pytest.mark.parametrize(
    "changes",
    [
        STANDBY,
        {"services": (service("vip", "n1", managed=False),)},
        {"services": (service("vip", pending=("Starting",)),)},
        FAILED,
    ],
)
def test_cluster_is_not_well_while_something_is_held_failed_missing_or_unknown(
    changes: dict[str, Any],
) -> None:
    assert state().is_well
    assert not state(**changes).is_well


def test_json_has_the_judgement_of_each_service() -> None:
    data = state(services=(service("vip", "n3"),), **UNCLEAN).to_json()
    (vip,) = data["services"]
    assert (data["is_well"], vip["state"], vip["hangs_on"], vip["placements"]) == (
        False,
        "hanging",
        ("n3",),
        (),
    )


def test_instance_that_failed_is_tried_again_when_the_failure_expires() -> None:
    retries = {"lb": "2100-01-02T03:04:05+00:00"}
    found = state(services=(clone("lb", "n2", "n3"),), retries=retries, **FAILED).services[0]
    assert "failed on n1 and is not retried there before 2100-01-02" in found.judgement.text


def test_stop_that_waits_for_a_loop_never_ends() -> None:
    stop = action("stop", "vip", "", "n1", blocked=True, loop=("vip", "db", "vip"))
    stopping = service("vip", "n1", target_role="Stopped")
    found = state(simulation=Simulation((), (), (stop,)), services=(stopping,)).services[0]
    assert found.judgement.text == "is stopping on n1, but never will: order loop: vip after db after vip"


def test_services_that_wait_for_each_other_alone_cannot_run() -> None:
    circle = (service("a", needs=("b",)), service("b", needs=("a",)), service("c", needs=("a",)))
    found = {each.id: each.judgement.state for each in state(services=circle).services}
    assert found == {"a": "cannot-run", "b": "cannot-run", "c": "waiting"}


def test_service_that_waits_for_a_stopped_one_outside_of_a_circle_waits() -> None:
    circle = (service("a", needs=("b",)), service("b", needs=("a", "c")), service("c"))
    found = {each.id: each.judgement.state for each in state(services=circle).services}
    assert found == {"a": "waiting", "b": "waiting", "c": "cannot-run"}
