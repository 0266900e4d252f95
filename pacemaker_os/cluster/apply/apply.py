"""Carrying a plan out: push, wait, verify, remember; and the way back when it goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.stopping import Stopped, remove_stopped, stop_and_wait
from pacemaker_os.cluster.apply.verify import Verdict, new_problems
from pacemaker_os.cluster.apply.wait import Progress, settle
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.monitor import read_status
from pacemaker_os.cluster.planning.planner import Prepared, prepare_operations
from pacemaker_os.cluster.store.history import Record, add_record, replicate_record
from pacemaker_os.cluster.store.secrets import SecretValues, distribute
from pacemaker_os.errors import ClusterError, PacemakerOsError
from pacemaker_os.plan.diff.compare import Comparison
from pacemaker_os.plan.failures import Failure, read_failed_probes
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.simulation import Simulation

#: What is heard of on the way: the version that was written, and every look at what comes of it.
ApplyEvent = Version | Progress

EventHandler = Callable[[ApplyEvent], None]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How a plan is carried out: whether to wait for it, for how many seconds, and what if it fails."""

    wait: bool = True
    timeout: float = 600.0
    rollback_on_failure: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan.

    `settled`: the cluster came to rest in time; None when nobody waited. `left` is what was still to be
    done when the wait ended. `rolled_back` tells whether the plan was taken back.
    """

    plan: Plan
    version: Version
    record: Record | None
    settled: bool | None = None
    remaining: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    rolled_back: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether all is well, as far as anybody looked."""
        return self.settled is not False and self.verdict.passed and not self.rolled_back


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state before the change: a simulation without it, and the failures that existed."""

    simulation: Simulation | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def pending_keys(self) -> set[tuple[str, ...]]:
        """The keys of the actions that were pending."""
        return {action.key for action in self.simulation.actions} if self.simulation else set()


def apply_plan(
    cluster: Cluster,
    prepared: Prepared,
    way: ApplyOptions,
    on_event: EventHandler,
    *,
    reverts: str = "",
    values: SecretValues | None = None,
) -> Outcome:
    """Write a plan and see it through; `on_event` hears of the version written and of every look.

    Raises Conflict, ClusterError; after the push nothing is raised for what the cluster makes of it: the
    outcome says that.
    """
    plan, base = prepared.plan, prepared.base
    waits = way.wait and cluster.live
    before = Baseline()
    if cluster.scheduler and (waits or plan.stop_before_removal):
        before = Baseline(cluster.scheduler.run(base.cib), read_status(cluster).failures)
    nodes = cluster.peers() if plan.secrets and cluster.live else []
    warnings = tuple(distribute(nodes, plan.secrets, values or SecretValues()))
    if not plan.writes:
        return Outcome(plan, base.version, None, warnings=warnings)
    if plan.stop_before_removal:
        stopped = stop_and_wait(cluster, prepared, before.pending_keys, way.timeout, on_event)
        if stopped.running:
            return _not_removed(cluster, prepared, stopped, before, way, warnings)
        after = remove_stopped(cluster, prepared, stopped)
    else:
        after = cluster.push(base, prepared.target)
    on_event(after.version)
    outcome = _record_history(cluster, Outcome(plan, after.version, None, warnings=warnings), reverts)
    if not waits:
        return outcome
    outcome = _wait_and_verify(cluster, outcome, way, on_event, before)
    if outcome.succeeded or not way.rollback_on_failure:
        return outcome
    return _roll_back(cluster, outcome, way, on_event)


def _not_removed(
    cluster: Cluster,
    prepared: Prepared,
    stopped: Stopped,
    before: Baseline,
    way: ApplyOptions,
    warnings: tuple[str, ...],
) -> Outcome:
    """What was to be removed does not stop: it stays configured, for only then can it be helped."""
    why = f"not removed, because it does not stop: {', '.join(stopped.running)}"
    outcome = Outcome(
        prepared.plan,
        stopped.written.version,
        None,
        settled=False,
        remaining=stopped.look.remaining,
        verdict=_verdict(cluster, stopped.look, before),
        warnings=(*warnings, f"{why}; all else is written, and these have the target-role Stopped"),
    )
    if not way.rollback_on_failure:
        return outcome
    try:
        back = cluster.push(stopped.written, prepared.base.cib)
    except PacemakerOsError as error:
        warnings = (*outcome.warnings, f"it could not be taken back: {error}")
        return replace(outcome, warnings=warnings)
    return replace(outcome, version=back.version, rolled_back=True, warnings=(*warnings, why))


def _record_history(cluster: Cluster, outcome: Outcome, reverts: str) -> Outcome:
    """Write the history. The change is made: that it is not remembered must not look as if it had failed."""
    try:
        made = add_record(cluster.store, outcome.plan, outcome.version, reverts=reverts)
        outcome = replace(outcome, record=made)
        if not (missed := replicate_record(cluster.peers()[1:] if cluster.live else (), made)):
            return outcome
        why = f"the history is not kept on every node ({'; '.join(missed)})"
    except PacemakerOsError as error:
        why = f"the apply could not be written to the history: {error}"
    return replace(outcome, warnings=(*outcome.warnings, why))


def _wait_and_verify(
    cluster: Cluster, outcome: Outcome, way: ApplyOptions, on_event: EventHandler, before: Baseline
) -> Outcome:
    """Wait for the cluster to settle, and verify; a result that cannot be read is not a success."""
    try:
        last = settle(cluster, pending_keys=before.pending_keys, timeout=way.timeout, on_event=on_event)
        outcome = replace(outcome, settled=last.settled, remaining=last.remaining)
        return replace(outcome, verdict=_verdict(cluster, last, before))
    except PacemakerOsError as error:
        why = f"the change is written, but what came of it cannot be seen: {error}"
        return replace(outcome, settled=False, warnings=(*outcome.warnings, why))


def _verdict(cluster: Cluster, last: Progress, before: Baseline) -> Verdict:
    probes = read_failed_probes(last.snapshot.cib)
    return new_problems(before.simulation, last.simulation, before.failures, read_status(cluster), probes)


def _roll_back(cluster: Cluster, outcome: Outcome, way: ApplyOptions, on_event: EventHandler) -> Outcome:
    """Go the way back, and say how that went: it may fail as well."""
    if outcome.record is None:
        why = "it is not in the history, so it was not taken back"
        return replace(outcome, warnings=(*outcome.warnings, why))
    try:
        prepared = prepare_rollback(cluster, outcome.record)
        back = apply_plan(
            cluster, prepared, ApplyOptions(timeout=way.timeout), on_event, reverts=outcome.record.id
        )
    except PacemakerOsError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"it could not be taken back: {error}"))
    warnings = (*outcome.warnings, *back.warnings)
    if not back.succeeded:
        trouble = ", ".join([*back.remaining, *(each.resource for each in back.verdict.failures)])
        warnings = (*warnings, f"taking it back left something wrong: {trouble or 'see pcs-os status'}")
    return replace(outcome, rolled_back=True, warnings=warnings)


def prepare_rollback(cluster: Cluster, done: Record) -> Prepared:
    """Plan the way back from an apply, on the cluster as it is now.

    A newer schema stays: Pacemaker has no way back from one. Raises Conflict when something that the apply
    wrote was changed since, ClusterError when there is nothing that could be taken back.
    """
    notes = []
    if done.upgrade is not None:
        notes.append(f"the schema stays {done.upgrade.new}: Pacemaker has no way back to an older one")
        if not done.changes:
            raise ClusterError(f"there is nothing to take back; {notes[0]}", code="no-way-back")
    back = tuple(operation.reverse() for operation in reversed(done.changes))
    return prepare_operations(cluster, Comparison(changes=back), name=done.document, notes=notes)
