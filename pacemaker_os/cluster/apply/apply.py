"""Apply a plan: push, wait, verify, record the apply, and roll back a failure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pacemaker_os.cluster.apply.outcome import ApplyOptions, EventHandler, Outcome
from pacemaker_os.cluster.apply.rollback import prepare_rollback
from pacemaker_os.cluster.apply.stopping import Stopped, remove_stopped, stop_and_wait
from pacemaker_os.cluster.apply.verify import Verdict, new_problems
from pacemaker_os.cluster.apply.wait import Progress, settle
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.cluster.store.history import add_record, replicate_record
from pacemaker_os.cluster.store.secrets import SecretValues, distribute
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.plan.prediction.simulation import Simulation
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
    reverts: str = "",
    values: SecretValues | None = None,
) -> Outcome:
    """Write a plan, wait for the cluster to settle, and verify the result.

    `on_event` receives the version that was written, and then the progress of the cluster. `reverts` is the
    id of the apply that this one rolls back. Raises Conflict, ClusterError. What the cluster does after the
    push raises nothing; it is part of the outcome.
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
    if plan.stop_before_removal:
        stopped = stop_and_wait(cluster, prepared, baseline.pending_keys, options.timeout, on_event)
        if stopped.running:
            return _not_removed(cluster, prepared, stopped, baseline, options, warnings)
        after = remove_stopped(cluster, prepared, stopped)
    else:
        after = cluster.push(base, prepared.target)
    on_event(after.version)
    outcome = _record_history(cluster, Outcome(plan, after.version, None, warnings=warnings), reverts)
    if not waits:
        return outcome
    outcome = _wait_and_verify(cluster, outcome, options, on_event, baseline)
    if outcome.succeeded or not options.rollback_on_failure:
        return outcome
    return _roll_back(cluster, outcome, options, on_event)


def _not_removed(
    cluster: Cluster,
    prepared: Prepared,
    stopped: Stopped,
    baseline: Baseline,
    options: ApplyOptions,
    warnings: tuple[str, ...],
) -> Outcome:
    """Return the outcome when resources do not stop.

    They stay configured, so that an operator can still manage them.
    """
    many = len(stopped.running) > 1
    not_removed = f"{', '.join(stopped.running)} did not stop and {'were' if many else 'was'} not removed"
    role_note = f"{'their' if many else 'its'} target-role is Stopped. All other changes were written"
    outcome = Outcome(
        prepared.plan,
        stopped.written.version,
        None,
        settled=False,
        remaining=stopped.progress.remaining,
        verdict=_verdict(cluster, stopped.progress, baseline),
        warnings=(*warnings, f"{not_removed}; {role_note}"),
    )
    if not options.rollback_on_failure:
        return outcome
    try:
        after = cluster.push(stopped.written, prepared.base.cib)
    except PacemakerOsError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"the rollback failed: {error}"))
    return replace(outcome, version=after.version, rolled_back=True, warnings=(*warnings, not_removed))


def _record_history(cluster: Cluster, outcome: Outcome, reverts: str) -> Outcome:
    """Record the apply. A failure to do so is a warning only, because the change itself was written."""
    try:
        record = add_record(cluster.store, outcome.plan, outcome.version, reverts=reverts)
        outcome = replace(outcome, record=record)
        errors = replicate_record(cluster.peers()[1:] if cluster.live else (), record)
        if not errors:
            return outcome
        warning = f"the history record could not be copied to every node: {'; '.join(errors)}"
    except PacemakerOsError as error:
        warning = f"the apply could not be recorded in the history: {error}"
    return replace(outcome, warnings=(*outcome.warnings, warning))


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


def _roll_back(cluster: Cluster, outcome: Outcome, options: ApplyOptions, on_event: EventHandler) -> Outcome:
    """Roll back the change, and add problems of the rollback to the warnings."""
    if outcome.record is None:
        warning = "the change was not rolled back because it is not in the apply history"
        return replace(outcome, warnings=(*outcome.warnings, warning))
    try:
        prepared = prepare_rollback(cluster, outcome.record)
        rollback_options = ApplyOptions(timeout=options.timeout)
        rollback = apply_plan(cluster, prepared, rollback_options, on_event, reverts=outcome.record.id)
    except PacemakerOsError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"the rollback failed: {error}"))
    warnings = (*outcome.warnings, *rollback.warnings)
    if not rollback.succeeded:
        failed = (failure.resource for failure in rollback.verdict.failures)
        problems = ", ".join([*rollback.remaining, *failed]) or "see pcs-os status"
        warnings = (*warnings, f"problems remain after the rollback: {problems}")
    return replace(outcome, rolled_back=True, warnings=warnings)
