"""What to do next about each instance of a fenced node: a function of what is seen, and of nothing else.

Whatever was done before is seen in Nova itself: where an instance is, the record of each evacuation, and
our lock, which is set before an evacuation is asked for. So an engine that was killed anywhere goes on as
if it had never stopped, and asks for nothing that may still be under way.
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


def judge(
    server: Server | None,
    tries: Sequence[Migration],
    known: InstanceHistory,
    context: HostContext,
    *,
    excluded: str = "",
    room: str = "",
    orphan: bool = False,
) -> Verdict:
    """What to do about one instance.

    `tries` are the records of its evacuations since the request, oldest first. `excluded` says why it may
    not be evacuated, `room` why there is no place for it now. An `orphan` was on its way to this host
    when the host died.
    """
    if server is None:
        return Verdict(State.DELETED)
    last = newest(tries)
    lost = is_lost(server, tries, known, context, orphan=orphan)
    rebuilding = server.task_state.startswith("rebuild")
    worked_on = is_worked_on(tries)
    if server.host != context.host:
        # Nova moves an instance when it is built; a record that stays as it was lost its last message.
        built = any(each.dest == server.host and each.status in SUCCEEDED for each in tries)
        settled = built or context.now - known.seen >= context.limits.grace_period
        if not lost and (rebuilding or (worked_on and not settled)):
            return under_way(last, known, context)
        return Verdict(State.EVACUATED, where_built(server))
    if not lost and last is not None and (worked_on or last.status in SUCCEEDED):
        return under_way(last, known, context)
    unseen = known.asked is not None and len(tries) <= known.records
    if unseen and context.now - (known.asked or 0.0) < context.limits.grace_period:
        return Verdict(State.IN_PROGRESS, "asked for, and not seen yet")
    if rebuilding and not lost and context.now - known.seen < context.limits.grace_period:
        # Nova says so a moment before there is a record. Where none comes, it was its owner's rebuild.
        return Verdict(State.IN_PROGRESS, f"Nova says {server.task_state}")
    left = left_on(server, tries, known, context)
    attempts = context.limits.max_attempts_at_home if left is None else context.limits.max_attempts
    verdict = ask_or_not(tries, known, context, attempts=attempts, excluded=excluded, room=room)
    if left is not None and verdict.state is State.FAILED:
        # At home it would run a second time.
        said = f"{left.dest} did not finish building it, and the guest may be there: {verdict.reason}"
        return Verdict(State.STUCK, said)
    return verdict


def where_built(server: Server) -> str:
    """Where an evacuated instance is, and whether something is wrong with it there."""
    wrong = ", in ERROR there" if server.vm_state == "error" and not server.runs else ""
    return f"on {server.host}{wrong}" if server.host else ""


def under_way(last: Migration | None, known: InstanceHistory, context: HostContext) -> Verdict:
    """Somebody works on it, or has stopped to without saying so."""
    where = f"to {last.dest}" if last and last.dest else ""
    if context.now - known.seen > context.limits.evacuation_timeout:
        record = f"migration {last.id} is {last.status}" if last else "Nova shows no migration"
        return Verdict(State.STUCK, f"for {context.now - known.seen:.0f} s; {record} {where}".rstrip())
    return Verdict(State.IN_PROGRESS, where)


def ask_or_not(
    tries: Sequence[Migration],
    known: InstanceHistory,
    context: HostContext,
    *,
    attempts: int,
    excluded: str,
    room: str,
) -> Verdict:
    """It is on the dead host and nobody works on it."""
    limits, now = context.limits, context.now
    if excluded:
        return Verdict(State.SKIPPED, excluded)
    failures = len(tries) + known.refusals
    said = known.error or (f"migration {tries[-1].id} is {tries[-1].status}" if tries else "")
    if failures >= attempts:
        return Verdict(State.FAILED, f"{failures} attempts failed; the last: {said}")
    since = known.seen if known.refused is None else max(known.seen, known.refused)
    if failures and now - since < limits.backoff * 2 ** (failures - 1):
        return Verdict(State.WAITING, f"attempt {failures} of {attempts} failed: {said}")
    if room:
        if known.held is not None and now - known.held > limits.capacity_timeout:
            return Verdict(State.FAILED, room)
        return Verdict(State.WAITING, room)
    return Verdict(State.PENDING)
