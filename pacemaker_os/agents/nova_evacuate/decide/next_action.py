"""The next action for each instance of a fenced node: a pure function of the current state.

All previous actions are visible in Nova itself: the host of an instance, the record of each evacuation, and
the lock, which is set before an evacuation is requested. An engine that was killed at any point therefore
continues without interruption, and never requests an evacuation that may still be in progress.
"""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.decide.records import (
    SUCCEEDED,
    is_lost,
    is_worked_on,
    left_on,
    newest,
)
from pacemaker_os.agents.nova_evacuate.decide.states import State, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Server


def next_action(
    server: Server | None,
    tries: Sequence[Migration],
    known: InstanceHistory,
    context: HostContext,
    *,
    excluded: str = "",
    room: str = "",
    orphan: bool = False,
) -> Verdict:
    """Return the next action for an instance.

    `tries` are the records of its evacuations since the request, oldest first. `excluded` is the reason why
    it must not be evacuated, `room` the reason why no host has capacity now. An `orphan` was being evacuated
    to this host when the host failed.
    """
    if server is None:
        return Verdict(State.DELETED)
    last = newest(tries)
    lost = is_lost(server, tries, known, context, orphan=orphan)
    rebuilding = server.task_state.startswith("rebuild")
    worked_on = is_worked_on(tries)
    if server.host != context.host:
        # Nova moves an instance after the rebuild. If its record does not change, its last message was lost.
        built = any(each.dest == server.host and each.status in SUCCEEDED for each in tries)
        settled = built or context.now - known.unchanged_since >= context.limits.grace_period
        if not lost and (rebuilding or (worked_on and not settled)):
            return in_progress(last, known, context)
        return Verdict(State.EVACUATED, where_built(server))
    if not lost and last is not None and (worked_on or last.status in SUCCEEDED):
        return in_progress(last, known, context)
    unseen = known.requested_at is not None and len(tries) <= known.records
    if unseen and context.now - (known.requested_at or 0.0) < context.limits.grace_period:
        return Verdict(State.IN_PROGRESS, "requested, not confirmed by Nova yet")
    if rebuilding and not lost and context.now - known.unchanged_since < context.limits.grace_period:
        # Nova sets the task state shortly before it creates the record. Without a record, the owner requested
        # it.
        return Verdict(State.IN_PROGRESS, f"Nova task state {server.task_state}")
    left = left_on(server, tries, known, context)
    attempts = context.limits.max_attempts_at_home if left is None else context.limits.max_attempts
    verdict = next_attempt(tries, known, context, attempts=attempts, excluded=excluded, room=room)
    if left is not None and verdict.state is State.FAILED:
        # On its own node it would run a second time.
        reason = f"{left.dest} did not finish the rebuild and may still run the guest: {verdict.reason}"
        return Verdict(State.STUCK, reason)
    return verdict


def where_built(server: Server) -> str:
    """Return the host of an evacuated instance, and whether it is in ERROR there."""
    wrong = ", in ERROR" if server.vm_state == "error" and not server.runs else ""
    return f"on {server.host}{wrong}" if server.host else ""


def in_progress(last: Migration | None, known: InstanceHistory, context: HostContext) -> Verdict:
    """Return the verdict for an evacuation that is in progress, or has stopped without a final record."""
    where = f"to {last.dest}" if last and last.dest else ""
    if context.now - known.unchanged_since > context.limits.evacuation_timeout:
        record = f"migration {last.id} is {last.status}" if last else "Nova has no migration record"
        return Verdict(
            State.STUCK, f"for {context.now - known.unchanged_since:.0f} s: {record} {where}".rstrip()
        )
    return Verdict(State.IN_PROGRESS, where)


def next_attempt(
    tries: Sequence[Migration],
    known: InstanceHistory,
    context: HostContext,
    *,
    attempts: int,
    excluded: str,
    room: str,
) -> Verdict:
    """Return the verdict for an instance on the failed host without an evacuation in progress."""
    limits, now = context.limits, context.now
    if excluded:
        return Verdict(State.SKIPPED, excluded)
    failures = len(tries) + known.refusals
    error = known.error or (f"migration {tries[-1].id} is {tries[-1].status}" if tries else "")
    if failures >= attempts:
        return Verdict(State.FAILED, f"after {failures} attempts; last error: {error}")
    since = (
        known.unchanged_since if known.refused_at is None else max(known.unchanged_since, known.refused_at)
    )
    if failures and now - since < limits.backoff * 2 ** (failures - 1):
        return Verdict(State.WAITING, f"attempt {failures} of {attempts} failed: {error}")
    if room:
        if known.no_capacity_since is not None and now - known.no_capacity_since > limits.capacity_timeout:
            return Verdict(State.FAILED, room)
        return Verdict(State.WAITING, room)
    return Verdict(State.PENDING)
