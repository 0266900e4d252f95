"""Verification after a push: new failures, and services that should run but are stopped."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.cluster.observe.monitor import Status
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.effects import predict_effects
from pacemaker_os.plan.prediction.simulation import NOTHING, Action, Simulation
from pacemaker_os.status.failures import Failure


@dataclass(frozen=True, slots=True)
class Verdict:
    """The problems after a change.

    `stopped` are services that should run. `orphans` run but are no longer configured. `blocked` are
    actions that the scheduler needs but may not take. `degraded` services do not count as a problem.
    """

    failures: tuple[Failure, ...] = ()
    stopped: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    blocked: tuple[Action, ...] = ()
    degraded: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is no problem."""
        return not (self.failures or self.stopped or self.orphans or self.blocked)


def new_problems(
    before: Simulation | None,
    after: Simulation,
    known: Iterable[Failure],
    status: Status,
    probes: Iterable[Failure] = (),
) -> Verdict:
    """Return the problems that did not exist before the change.

    `probes` are failed probes; those of stopped services are included, because they are the cause.
    """
    old = {(failure.resource, failure.task, failure.node, failure.call) for failure in known}
    new = [each for each in status.failures if (each.resource, each.task, each.node, each.call) not in old]
    failures = [each for each in new if not each.degraded]
    blocked_before = {action.key for action in (before or NOTHING).actions if action.blocked}
    stopped_before = set(_stopped_services(before or NOTHING))
    stopped = tuple(service for service in _stopped_services(after) if service not in stopped_before)
    members = {state.id.split(":")[0] for state in after.resources if {state.id, *state.parents} & {*stopped}}
    return Verdict(
        failures=(*failures, *(probe for probe in probes if probe.resource in members)),
        stopped=stopped,
        orphans=tuple(state.id for state in status.resources if state.orphaned and state.active),
        blocked=tuple(each for each in after.actions if each.blocked and each.key not in blocked_before),
        degraded=tuple(each for each in new if each.degraded),
    )


def _stopped_services(simulation: Simulation) -> list[str]:
    """Return the resources that the scheduler cannot run. An agent may allow a promotion only later."""
    effects = predict_effects(NOTHING, simulation).caused
    return [effect.resource for effect in effects if effect.verb == "cannot-run" and not effect.role]
