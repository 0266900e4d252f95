"""Carrying a plan out: push, wait, verify, remember; and the way back when it goes wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.history import Record, record, spread
from pacemaker_os.cluster.monitor import look
from pacemaker_os.cluster.planner import Prepared, prepare_operations
from pacemaker_os.cluster.secrets import bring
from pacemaker_os.cluster.verify import Verdict, judge
from pacemaker_os.cluster.wait import Progress, watch
from pacemaker_os.errors import ClusterError, PacemakerOsError
from pacemaker_os.plan.compare import Comparison
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.running import Failure, read_failed_probes
from pacemaker_os.plan.simulation import Simulation
from pacemaker_os.plan.version import Version

#: What is heard of on the way: the version that was written, and every look at what comes of it.
News = Version | Progress

Tell = Callable[[News], None]


@dataclass(frozen=True, slots=True)
class Way:
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
    left: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    rolled_back: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether all is well, as far as anybody looked."""
        return self.settled is not False and self.verdict.good and not self.rolled_back


def carry_out(
    cluster: Cluster,
    prepared: Prepared,
    way: Way,
    tell: Tell,
    *,
    undoes: str = "",
) -> Outcome:
    """Write a plan and see it through; `tell` hears of the version written and of every look.

    Raises Conflict, ClusterError; after the push nothing is raised for what the cluster makes of it: the
    outcome says that.
    """
    waits = way.wait and cluster.live
    known = look(cluster).failures if waits else ()
    before = cluster.scheduler.run(prepared.base.cib) if waits and cluster.scheduler else None
    warnings = tuple(bring(cluster, prepared.plan.secrets, os.environ))
    if not prepared.plan.writes:
        return Outcome(prepared.plan, prepared.base.version, None, warnings=warnings)
    after = cluster.push(prepared.base, prepared.target)
    tell(after.version)
    outcome = Outcome(prepared.plan, after.version, None, warnings=warnings)
    outcome = _remembered(cluster, outcome, undoes)
    if not waits:
        return outcome
    outcome = _seen_through(cluster, outcome, way, tell, before, known)
    if outcome.good or not way.rollback_on_failure:
        return outcome
    return _taken_back(cluster, outcome, way, tell)


def _remembered(cluster: Cluster, outcome: Outcome, undoes: str) -> Outcome:
    """Write the history. The change is made: that it is not remembered must not look as if it had failed."""
    try:
        made = record(cluster, outcome.plan, outcome.version, undoes=undoes)
        outcome = replace(outcome, record=made)
        if not (missed := spread(cluster, made)):
            return outcome
        why = f"the history is not kept on every node ({'; '.join(missed)})"
    except PacemakerOsError as error:
        why = f"the apply could not be written to the history: {error}"
    return replace(outcome, warnings=(*outcome.warnings, why))


def _seen_through(
    cluster: Cluster,
    outcome: Outcome,
    way: Way,
    tell: Tell,
    before: Simulation | None,
    known: Iterable[Failure],
) -> Outcome:
    """Wait for what was written, and judge it. What cannot be seen any more is not called good."""
    begin = time.monotonic()
    try:
        anyway = {action.key for action in before.actions} if before else set()
        for progress in watch(cluster, anyway=anyway):
            tell(progress)
            left = (*progress.running, *(f"{each.verb} {each.resource}" for each in progress.actions))
            outcome = replace(outcome, settled=progress.settled, left=left)
            if progress.settled or progress.stuck or time.monotonic() - begin > way.timeout:
                probes = read_failed_probes(progress.snapshot.cib)
                verdict = judge(before, progress.simulation, known, look(cluster), probes)
                return replace(outcome, verdict=verdict)
    except PacemakerOsError as error:
        why = f"the change is written, but what came of it cannot be seen: {error}"
        return replace(outcome, settled=False, warnings=(*outcome.warnings, why))
    return outcome


def _taken_back(cluster: Cluster, outcome: Outcome, way: Way, tell: Tell) -> Outcome:
    """Go the way back, and say how that went: it may fail as well."""
    if outcome.record is None:
        why = "it is not in the history, so it was not taken back"
        return replace(outcome, warnings=(*outcome.warnings, why))
    try:
        prepared = prepare_rollback(cluster, outcome.record)
        back = carry_out(cluster, prepared, Way(timeout=way.timeout), tell, undoes=outcome.record.id)
    except PacemakerOsError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"it could not be taken back: {error}"))
    warnings = (*outcome.warnings, *back.warnings)
    if not back.good:
        trouble = ", ".join([*back.left, *(each.resource for each in back.verdict.failures)])
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
        if not done.operations:
            raise ClusterError(f"there is nothing to take back; {notes[0]}", code="no-way-back")
    back = tuple(operation.reverse() for operation in reversed(done.operations))
    return prepare_operations(cluster, Comparison(operations=back), name=done.document, notes=notes)
