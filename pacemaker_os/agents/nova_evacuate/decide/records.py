"""What Nova's records of evacuations mean. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Server

#: Seconds after which nobody will go on with what nobody is seen to work on, as the message bus lost it: a
#: request that no target has taken up although all serve, or an instance that was built and is not moved. On
#: two busy cores each was seen to take 90.
ABANDONED_AFTER = 300.0

#: Nova's words for an evacuation that is worked on, that succeeded, and that did not.
WORKED_ON = frozenset({"accepted", "pre-migrating", "migrating", "post-migrating", "queued", "preparing"})
SUCCEEDED = frozenset({"done", "completed"})
FAILED = frozenset({"error", "failed"})


def left_on(
    server: Server, tries: Sequence[Migration], known: InstanceHistory, context: HostContext
) -> Migration | None:
    """The evacuation whose target may still run the guest that it was building, though nobody works on it.

    Such an instance may be built on that very host and on no other: Nova refuses where the guest is there.
    A host that was fenced or booted since runs it no more. Who resets the state of an instance has looked;
    but not whoever did so to one that its target forgot, or failed to build: that may have been an engine.
    """
    for each in tries:
        forgot = each.touched < context.began.get(each.dest, 0.0) or has_failed(server, context)
        runs_on = each.dest not in context.fenced and each.touched >= context.booted.get(each.dest, 0.0)
        if each.dest and each.status in WORKED_ON and runs_on and (forgot or not known.reset):
            return each
    return None


def newest(tries: Sequence[Migration]) -> Migration | None:
    """The record that Nova works on, or worked on last.

    For a request it takes the oldest record that nobody took up, so that the last is not always the newest.
    """
    taken_up = [each for each in tries if each.dest and each.status in WORKED_ON]
    return max(taken_up or tries, key=lambda each: each.id, default=None)


def is_lost(
    server: Server,
    tries: Sequence[Migration],
    known: InstanceHistory,
    context: HostContext,
    *,
    orphan: bool = False,
) -> bool:
    """Whether no evacuation of those that were begun will ever end."""
    if not tries:
        return orphan
    worked_on = [each for each in tries if each.status in WORKED_ON]
    return bool(worked_on) and all(forgotten(each, server, known, context) for each in worked_on)


def is_worked_on(tries: Sequence[Migration]) -> bool:
    """Whether by its records an evacuation is under way."""
    return any(each.status in WORKED_ON for each in tries)


def is_to_be_built(server: Server | None, tries: Sequence[Migration]) -> bool:
    """Whether the target of one that is under way is still to build it, and not only to move it."""
    return server is None or bool(server.task_state) or not is_worked_on(tries)


def forgotten(record: Migration, server: Server, known: InstanceHistory, context: HostContext) -> bool:
    """Whether nobody works on a record any more.

    Its target was fenced, or booted since; or nova-compute was started again there; its state was reset; its
    target failed, and could write that into the instance, but no more into the record; or no target took it
    up, as the message bus lost it.
    """
    off = record.dest in context.fenced or record.touched < context.booted.get(record.dest, 0.0)
    quiet = context.now - known.seen
    reset = may_be_reset(server, context) and (known.reset or quiet >= ABANDONED_AFTER)
    since = context.began.get(record.dest, 0.0) if record.dest else context.served or 0.0
    ended = reset or has_failed(server, context) or record.touched < since
    dropped = ended and quiet >= context.limits.grace_period
    unclaimed = not record.dest and context.served is not None and quiet >= ABANDONED_AFTER
    return off or dropped or unclaimed


def may_be_reset(server: Server, context: HostContext) -> bool:
    """Whether an instance looks as if its state had been reset: it is at home, and without a task.

    So does one that is built and not yet moved. That takes Nova a moment, and took it 90 s when its
    conductors had just been started on a busy machine.
    """
    return server.host == context.host and not server.task_state


def has_failed(server: Server, context: HostContext) -> bool:
    """Whether Nova has stopped building it. What was in ERROR before its host died is not asked for."""
    return may_be_reset(server, context) and server.vm_state == "error"
