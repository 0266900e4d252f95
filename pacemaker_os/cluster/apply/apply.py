"""Apply a plan: record it, push, wait, verify, and roll back a failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pacemaker_os.cluster.apply.observer import Observer
from pacemaker_os.cluster.apply.outcome import ApplyOptions, EventHandler, Outcome, RollingBack
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
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import Conflict, PacemakerOsError
from pacemaker_os.plan.conditions import conditions
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
    recording = Recording(cluster, prepared, intent or Intent())
    observer = Observer(on_event, base.cib, baseline.simulation)
    outcome = Outcome(plan, base.version, None, warnings=warnings, conditions=plan.conditions)
    try:
        outcome = replace(outcome, version=recording.write(observer).version)
        if plan.stop_before_removal:
            outcome = _remove(cluster, prepared, recording, outcome, options, observer, baseline)
        if waits and outcome.removed:
            outcome = _wait_and_verify([cluster, *recording.views], outcome, options, observer, baseline)
    except Interrupted as signal:
        if recording.written is None:
            raise
        outcome = _interrupted(outcome, recording, observer.progress, signal)
    outcome = replace(outcome, lost_nodes=observer.lost)
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
    observer: Observer,
    baseline: Baseline,
) -> Outcome:
    """Remove resources after they have stopped. Those that do not stop stay, so that they can be managed."""
    try:
        stopped = stop_and_wait(
            prepared,
            recording,
            baseline.pending_keys,
            options.timeout,
            observer,
        )
        if stopped.running:
            return _not_removed(cluster, stopped, outcome, baseline)
        after = remove_stopped(prepared, recording, stopped, observer)
    except Conflict:
        raise
    except PacemakerOsError as error:
        warning = f"resources were stopped, but could not be removed: {error}"
        return replace(outcome, removed=False, settled=False, warnings=(*outcome.warnings, warning))
    return replace(outcome, version=after.version)


def _not_removed(cluster: Cluster, stopped: Stopped, outcome: Outcome, baseline: Baseline) -> Outcome:
    """Return the outcome when resources do not stop."""
    many, names = len(stopped.running) > 1, ", ".join(stopped.running)
    not_removed = f"{names} did not stop and {'were' if many else 'was'} not removed"
    if problem := stopped.progress.problem:
        unknown = f"cannot verify that {names} stopped: {problem}"
        not_removed = f"{unknown}; {'they were' if many else 'it was'} not removed"
    role_note = f"{'their' if many else 'its'} target-role is Stopped. All other changes were written"
    return replace(
        outcome,
        version=stopped.written.version,
        removed=False,
        settled=False,
        remaining=stopped.progress.remaining,
        verdict=Verdict() if problem else _verdict(cluster, stopped.progress, baseline),
        warnings=(*outcome.warnings, f"{not_removed}; {role_note}"),
    )


def _wait_and_verify(
    views: Sequence[Cluster], outcome: Outcome, options: ApplyOptions, observer: Observer, baseline: Baseline
) -> Outcome:
    """Wait for the cluster to settle, and verify; a result that cannot be read is not a success.

    `views` are the cluster through the connected node, and through the others: one is used after another
    until a node answers that is in the cluster.
    """
    problem = ""
    for cluster in views:
        try:
            last = settle(
                cluster,
                pending_keys=baseline.pending_keys,
                timeout=options.timeout,
                on_event=observer,
                check_view=observer.check_view,
            )
            verdict = Verdict() if last.problem else _verdict(cluster, last, baseline)
        except PacemakerOsError as error:
            problem = problem or str(error)
            continue
        if last.problem:
            problem = problem or last.problem
            continue
        if cluster is not views[0]:
            warning = f"the result was read through {cluster.name}, not {views[0].name}: {problem}"
            outcome = replace(outcome, warnings=(*outcome.warnings, warning))
        cib = last.snapshot.cib
        return replace(
            outcome,
            settled=last.settled,
            remaining=last.remaining,
            verdict=verdict,
            conditions=tuple(conditions(cib, cib, live=True)),
        )
    warning = f"the change was written, but its result could not be verified: {problem}"
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
