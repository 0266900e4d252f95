"""After the push: what failed, and what does not run that should."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pacemaker_os.cluster.observe.monitor import Status
from pacemaker_os.plan.failures import Failure
from pacemaker_os.plan.prediction.effects import predict_effects
from pacemaker_os.plan.prediction.simulation import NOTHING, Action, Simulation


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong after a change. `stopped` are services that should run and do not.

    `orphans` run although no configuration says them any more; `blocked` is what the scheduler wants and
    may not do. `degraded` serve, less than well: that is told, and is no harm.
    """

    failures: tuple[Failure, ...] = ()
    stopped: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    blocked: tuple[Action, ...] = ()
    degraded: tuple[Failure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the change came through without harm."""
        return not (self.failures or self.stopped or self.orphans or self.blocked)


def new_problems(
    before: Simulation | None,
    after: Simulation,
    known: Iterable[Failure],
    now: Status,
    probes: Iterable[Failure] = (),
) -> Verdict:
    """Tell what is newly wrong: what was wrong before the change is not the change's doing.

    Failed `probes` are told of what does not run: then they are why.
    """
    old = {(failure.resource, failure.task, failure.node, failure.call) for failure in known}
    new = [each for each in now.failures if (each.resource, each.task, each.node, each.call) not in old]
    failures = [each for each in new if not each.degraded]
    blocked_before = {action.key for action in (before or NOTHING).actions if action.blocked}
    stopped_before = {
        each.service for each in predict_effects(NOTHING, before or NOTHING).caused if _is_stopped(each.verb)
    }
    services = [each.service for each in predict_effects(NOTHING, after).caused if _is_stopped(each.verb)]
    stopped = tuple(service for service in services if service not in stopped_before)
    members = {state.id.split(":")[0] for state in after.resources if {state.id, *state.parents} & {*stopped}}
    return Verdict(
        failures=(*failures, *(probe for probe in probes if probe.resource in members)),
        stopped=stopped,
        orphans=tuple(state.id for state in now.resources if state.orphaned and state.active),
        blocked=tuple(each for each in after.actions if each.blocked and each.key not in blocked_before),
        degraded=tuple(each for each in new if each.degraded),
    )


def _is_stopped(verb: str) -> bool:
    return verb == "cannot-run"
