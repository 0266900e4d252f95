"""The meaning of Nova's records of evacuations. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, InstanceHistory
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Server

#: Time, in seconds, after which an evacuation without any activity counts as abandoned because the message
#: bus lost it: a request that no target has taken although all are running, or a rebuilt instance that was
#: not moved. On two busy cores each of these was observed to take 90 s.
ABANDONED_AFTER = 300.0

#: Migration states of an evacuation that is in progress, has succeeded, or has failed.
WORKED_ON = frozenset({"accepted", "pre-migrating", "migrating", "post-migrating", "queued", "preparing"})
SUCCEEDED = frozenset({"done", "completed"})
FAILED = frozenset({"error", "failed"})


def left_on(
    server: Server, tries: Sequence[Migration], known: InstanceHistory, context: HostContext
) -> Migration | None:
    """Return the evacuation whose target may still run the guest, although it is no longer in progress.

    Such an instance can be rebuilt on that host only: Nova rejects any other, because the guest exists there.
    A host that was fenced or booted since no longer runs it. If an operator reset the state of the instance,
    the guest was checked; but if its target forgot it or failed to build it, an engine may have reset the
    state.
    """
    for each in tries:
        forgot = each.touched < context.began.get(each.dest, 0.0) or has_failed(server, context)
        runs_on = each.dest not in context.fenced and each.touched >= context.booted.get(each.dest, 0.0)
        if each.dest and each.status in WORKED_ON and runs_on and (forgot or not known.was_reset):
            return each
    return None


def newest(tries: Sequence[Migration]) -> Migration | None:
    """Return the record that Nova works on, or worked on last.

    For a request, Nova uses the oldest record without a target, so the last record is not always the newest.
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
    """Return whether none of the evacuations that were started will ever end."""
    if not tries:
        return orphan
    worked_on = [each for each in tries if each.status in WORKED_ON]
    return bool(worked_on) and all(forgotten(each, server, known, context) for each in worked_on)


def is_worked_on(tries: Sequence[Migration]) -> bool:
    """Return whether an evacuation is in progress, according to its records."""
    return any(each.status in WORKED_ON for each in tries)


def is_to_be_built(server: Server | None, tries: Sequence[Migration]) -> bool:
    """Return whether the target of an evacuation in progress still has to rebuild the instance."""
    return server is None or bool(server.task_state) or not is_worked_on(tries)


def forgotten(record: Migration, server: Server, known: InstanceHistory, context: HostContext) -> bool:
    """Return whether a record is abandoned.

    Either its target was fenced or booted since; or nova-compute was restarted there; or the state of the
    instance was reset; or the target failed and wrote that only into the instance, not into the record; or no
    target took it, because the message bus lost it.
    """
    off = record.dest in context.fenced or record.touched < context.booted.get(record.dest, 0.0)
    quiet = context.now - known.unchanged_since
    reset = may_be_reset(server, context) and (known.was_reset or quiet >= ABANDONED_AFTER)
    since = context.began.get(record.dest, 0.0) if record.dest else context.served or 0.0
    ended = reset or has_failed(server, context) or record.touched < since
    dropped = ended and quiet >= context.limits.grace_period
    unclaimed = not record.dest and context.served is not None and quiet >= ABANDONED_AFTER
    return off or dropped or unclaimed


def may_be_reset(server: Server, context: HostContext) -> bool:
    """Return whether the state of an instance may have been reset: it is on its old host and has no task.

    A rebuilt instance that was not moved yet looks the same. The move usually takes a moment, but it took 90
    s after the conductors had just been started on a busy host.
    """
    return server.host == context.host and not server.task_state


def has_failed(server: Server, context: HostContext) -> bool:
    """Return whether the rebuild failed. Instances that were in ERROR before are not evacuated at all."""
    return may_be_reset(server, context) and server.vm_state == "error"
