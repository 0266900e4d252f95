"""Apply a plan: record it, push, wait, verify, and roll back a failure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pacemaker_os.cluster.apply.outcome import ApplyEvent, ApplyOptions, EventHandler, Outcome, RollingBack
from pacemaker_os.cluster.apply.recording import Recording
from pacemaker_os.cluster.apply.rollback import prepare_rollback
from pacemaker_os.cluster.apply.stopping import Stopped, remove_stopped, stop_and_wait
from pacemaker_os.cluster.apply.verify import Verdict, new_problems
from pacemaker_os.cluster.apply.wait import Progress, settle
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.cluster.store.record import Intent
from pacemaker_os.cluster.store.record import Progress as RecordProgress
from pacemaker_os.cluster.store.secrets import SecretValues, distribute
from pacemaker_os.errors import Conflict, PacemakerOsError
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.signals import Interrupted, stop_interrupting
from pacemaker_os.status.failures import Failure, read_failed_probes


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state before the change: a simulation without it, and the existing failures."""

    simulation: Simulation | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def pending_keys(self) -> set[tuple[str, ...]]:
        """The keys of the actions that were already pending."""
        return {action.key for action in self.simulation.actions} if self.simulation else set()


class _Last:
    """The last progress, which a signal does not report itself."""

    def __init__(self, on_event: EventHandler) -> None:
        self._on_event, self.progress = on_event, None

    progress: Progress | None

    def __call__(self, event: ApplyEvent) -> None:
        if isinstance(event, Progress):
            self.progress = event
        self._on_event(event)


def apply_plan(
    cluster: Cluster,
    prepared: Prepared,
    options: ApplyOptions,
    on_event: EventHandler,
    *,
    intent: Intent | None = None,
    values: SecretValues | None = None,
) -> Outcome:
    """Write a plan, wait for the cluster to settle, and verify the result.

    `on_event` receives the version that was written, and then the progress of the cluster. `intent` names the
    apply that this one rolls back. Raises Conflict, ClusterError. What the cluster does after the push raises
    nothing; it is part of the outcome. So is a signal after the push; before it, Interrupted is raised.
    """
    plan, base = prepared.plan, prepared.base
    waits = options.wait and cluster.live
    baseline = Baseline()
    if cluster.scheduler and (waits or plan.stop_before_removal):
        baseline = Baseline(cluster.scheduler.run(base.cib), read_status(cluster).failures)
    warnings: tuple[str, ...] = ()
    if plan.secrets and cluster.live:
        warnings = tuple(distribute(cluster.peers(), plan.secrets, values or SecretValues()))
    if not plan.writes:
        return Outcome(plan, base.version, None, warnings=warnings)
    recording, last = Recording(cluster, prepared, intent or Intent()), _Last(on_event)
    outcome = Outcome(plan, base.version, None, warnings=warnings)
    try:
        outcome = replace(outcome, version=recording.write(last).version)
        if plan.stop_before_removal:
            outcome = _remove(cluster, prepared, recording, outcome, options, last, baseline)
        if waits and outcome.removed:
            outcome = _wait_and_verify(cluster, outcome, options, last, baseline)
    except Interrupted as signal:
        if recording.written is None:
            raise
        outcome = _interrupted(outcome, recording, last.progress, signal)
    return _end(cluster, recording, outcome, options, on_event)


def _interrupted(
    outcome: Outcome, recording: Recording, progress: Progress | None, signal: Interrupted
) -> Outcome:
    """Return the outcome of an apply that a signal ended after its first write."""
    written = recording.written
    return replace(
        outcome,
        version=outcome.version if written is None else written.version,
        interrupted=signal.name,
        removed=recording.record.progress != "stopped",
        settled=None if progress is None else progress.settled,
        remaining=() if progress is None else progress.remaining,
    )


def _remove(
    cluster: Cluster,
    prepared: Prepared,
    recording: Recording,
    outcome: Outcome,
    options: ApplyOptions,
    on_event: EventHandler,
    baseline: Baseline,
) -> Outcome:
    """Remove resources after they have stopped. Those that do not stop stay, so that they can be managed."""
    try:
        stopped = stop_and_wait(
            cluster, prepared, recording, baseline.pending_keys, options.timeout, on_event
        )
        if stopped.running:
            return _not_removed(cluster, stopped, outcome, baseline)
        after = remove_stopped(prepared, recording, stopped, on_event)
    except Conflict:
        raise
    except PacemakerOsError as error:
        warning = f"resources were stopped, but could not be removed: {error}"
        return replace(outcome, removed=False, settled=False, warnings=(*outcome.warnings, warning))
    return replace(outcome, version=after.version)


def _not_removed(cluster: Cluster, stopped: Stopped, outcome: Outcome, baseline: Baseline) -> Outcome:
    """Return the outcome when resources do not stop."""
    many = len(stopped.running) > 1
    not_removed = f"{', '.join(stopped.running)} did not stop and {'were' if many else 'was'} not removed"
    role_note = f"{'their' if many else 'its'} target-role is Stopped. All other changes were written"
    return replace(
        outcome,
        version=stopped.written.version,
        removed=False,
        settled=False,
        remaining=stopped.progress.remaining,
        verdict=_verdict(cluster, stopped.progress, baseline),
        warnings=(*outcome.warnings, f"{not_removed}; {role_note}"),
    )


def _wait_and_verify(
    cluster: Cluster, outcome: Outcome, options: ApplyOptions, on_event: EventHandler, baseline: Baseline
) -> Outcome:
    """Wait for the cluster to settle, and verify; a result that cannot be read is not a success."""
    try:
        last = settle(cluster, pending_keys=baseline.pending_keys, timeout=options.timeout, on_event=on_event)
        outcome = replace(outcome, settled=last.settled, remaining=last.remaining)
        return replace(outcome, verdict=_verdict(cluster, last, baseline))
    except PacemakerOsError as error:
        warning = f"the change was written, but its result could not be verified: {error}"
        return replace(outcome, settled=False, warnings=(*outcome.warnings, warning))


def _verdict(cluster: Cluster, last: Progress, baseline: Baseline) -> Verdict:
    probes = read_failed_probes(last.snapshot.cib)
    return new_problems(baseline.simulation, last.simulation, baseline.failures, read_status(cluster), probes)


def _end(
    cluster: Cluster, recording: Recording, outcome: Outcome, options: ApplyOptions, on_event: EventHandler
) -> Outcome:
    """Roll back a failure if requested, and record how the apply ended. A signal no longer changes that."""
    stop_interrupting()
    if not outcome.succeeded and options.rollback_on_failure:
        outcome = _roll_back(cluster, recording, outcome, options, on_event)
    ended: RecordProgress = "done"
    if outcome.rolled_back:
        ended = "rolled-back"
    elif not outcome.succeeded:
        ended = "interrupted" if outcome.interrupted else "failed"
    recording.end(ended)
    return replace(outcome, record=recording.record, warnings=(*outcome.warnings, *recording.warnings))


def _roll_back(
    cluster: Cluster, recording: Recording, outcome: Outcome, options: ApplyOptions, on_event: EventHandler
) -> Outcome:
    """Roll back the change, and add problems of the rollback to the warnings."""
    on_event(RollingBack(recording.record.id, outcome.interrupted))
    try:
        reversal = prepare_rollback(cluster, recording.record)
        rollback_options = ApplyOptions(timeout=options.timeout)
        rollback = apply_plan(cluster, reversal.prepared, rollback_options, on_event, intent=reversal.intent)
    except PacemakerOsError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"the rollback failed: {error}"))
    warnings = (*outcome.warnings, *rollback.warnings)
    if not rollback.succeeded:
        failed = (failure.resource for failure in rollback.verdict.failures)
        status = cluster.target.command(("pcs-os", "status"))
        problems = ", ".join([*rollback.remaining, *failed]) or f"see {status}"
        warnings = (*warnings, f"problems remain after the rollback: {problems}")
    return replace(outcome, rolled_back=True, version=rollback.version, warnings=warnings)
