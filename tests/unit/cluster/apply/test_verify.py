"""Verification after a push: only new problems are reported."""

from __future__ import annotations

from pacemaker_os.cluster.apply.verify import new_problems
from pacemaker_os.cluster.observe.monitor import Status
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Action, Simulation
from pacemaker_os.status.failures import Failure

OLD = Failure("db", "start", "n1", "error", "disk full", "yesterday", "12")
NEW = Failure("vip", "start", "n2", "not configured", "no such nic", "now", "40")


def state(name: str, *, active: bool, orphaned: bool = False, target_role: str = "") -> ResourceState:
    return ResourceState(
        id=name,
        agent="ocf:x:y",
        role="Started" if active else "Stopped",
        nodes=("n1",) if active else (),
        parents=(),
        active=active,
        failed=False,
        managed=True,
        blocked=False,
        orphaned=orphaned,
        target_role=target_role,
    )


def simulation(*states: ResourceState, actions: tuple[Action, ...] = ()) -> Simulation:
    return Simulation((), states, actions)


def status(*states: ResourceState, failures: tuple[Failure, ...] = ()) -> Status:
    return Status(states, failures)


def test_healthy_cluster_passes() -> None:
    runs = state("vip", active=True)
    assert new_problems(simulation(), simulation(runs), [OLD], status(runs, failures=(OLD,))).passed


def test_new_failure_is_reported_with_its_exit_reason() -> None:
    verdict = new_problems(None, simulation(), [OLD], status(failures=(OLD, NEW)))
    assert verdict.failures == (NEW,)
    assert not verdict.passed


def test_only_newly_stopped_services_are_reported() -> None:
    before, after = (
        simulation(state("a", active=False)),
        simulation(state("a", active=False), state("b", active=False)),
    )
    assert new_problems(before, after, [], status()).stopped == ("b",)


def test_service_stopped_by_target_role_is_not_reported() -> None:
    wanted = state("a", active=False, target_role="Stopped")
    assert new_problems(simulation(), simulation(wanted), [], status(wanted)).passed


def test_running_orphan_and_blocked_action_are_reported() -> None:
    orphan = state("old", active=True, orphaned=True)
    blocked = Action("stop", "old", "", "n1", blocked=True)
    verdict = new_problems(None, simulation(actions=(blocked,)), [], status(orphan))
    assert (verdict.orphans, verdict.blocked) == (("old",), (blocked,))


def test_failed_probes_of_stopped_services_only_are_reported() -> None:
    probes = [
        Failure(name, "probe", "n1", "not installed", "no modprobe", "now", "7") for name in ("disk", "fine")
    ]
    after = simulation(state("disk", active=False), state("fine", active=True))
    assert new_problems(simulation(), after, [], status(), probes).failures == (probes[0],)


def test_degraded_service_passes() -> None:
    poor = Failure("db", "monitor", "n1", "degraded", "one replica is behind", "now", "41", degraded=True)
    runs = state("db", active=True)
    verdict = new_problems(simulation(runs), simulation(runs), [], status(runs, failures=(poor,)))
    assert verdict.passed
    assert verdict.degraded == (poor,)
    assert not new_problems(
        simulation(runs), simulation(runs), [poor], status(runs, failures=(poor,))
    ).degraded
