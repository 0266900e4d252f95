"""What to do next about each instance of a fenced node: a function of what is seen, and of nothing else.

Whatever was done before is seen in Nova itself: where an instance is, the record of each evacuation, and
our lock, which is set before an evacuation is asked for. So an engine that was killed anywhere goes on as
if it had never stopped, and asks for nothing that may still be under way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.nova import Migration, Server


class State(StrEnum):
    """Where an instance is on its way."""

    ASK = "to be asked for"
    HELD = "waiting"
    UNDER_WAY = "under way"
    STUCK = "stuck"
    EVACUATED = "evacuated"
    EXCLUDED = "not evacuated"
    GAVE_UP = "given up"
    GONE = "deleted"


#: States after which nothing more is done about an instance: its node may return.
FINAL = frozenset({State.EVACUATED, State.EXCLUDED, State.GAVE_UP, State.GONE})
#: States that a person should look at.
WRONG = frozenset({State.STUCK, State.GAVE_UP})

#: Seconds after which nobody will go on with what nobody is seen to work on, as the message bus lost it: a
#: request that no target has taken up although all serve, or an instance that was built and is not moved. On
#: two busy cores each was seen to take 90.
UNATTENDED = 300.0

#: Nova's words for an evacuation that is worked on, that succeeded, and that did not.
WORKED_ON = frozenset({"accepted", "pre-migrating", "migrating", "post-migrating", "queued", "preparing"})
SUCCEEDED = frozenset({"done", "completed"})
FAILED = frozenset({"error", "failed"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about an instance, and why."""

    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient an engine is. Times in seconds.

    settle: after an answer that says nothing, how long the request may still be acted on.
    stuck: how long an evacuation may be under way before it is reported.
    attempts: how many evacuations of one instance Nova may fail; home: how many, if it can run at home then.
    backoff: how long after the first failure the next is asked for; doubled each time.
    patience: how long room is waited for.
    """

    settle: float = 60.0
    stuck: float = 600.0
    attempts: int = 5
    home: int = 5
    backoff: float = 10.0
    patience: float = 600.0


@dataclass(frozen=True, slots=True)
class Known:
    """What this engine remembers about an instance, in seconds of its clock.

    asked: when an evacuation was, or may have been, asked for, there being `records` of them then.
    refused: when one was refused last, of `refusals` in all, with the words `said`.
    seen: since when Nova's newest words about it are what they are. held: since when there is no room.
    reset: whether somebody reset its state since an evacuation was asked for.
    """

    asked: float | None = None
    records: int = 0
    refused: float | None = None
    refusals: int = 0
    said: str = ""
    seen: float = 0.0
    held: float | None = None
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What is the same for all instances of a host. `fenced` are the hosts that are surely off.

    In seconds since 1970: `began` is since when nova-compute runs on others, `booted` since when they run
    themselves; `served` is since when nova-compute runs on all of them, None while it does not.
    """

    host: str
    fenced: frozenset[str]
    now: float
    limits: Limits
    began: Mapping[str, float] = field(default_factory=dict)
    booted: Mapping[str, float] = field(default_factory=dict)
    served: float | None = None


def judge(
    server: Server | None,
    tries: Sequence[Migration],
    known: Known,
    sight: Sight,
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
        return Verdict(State.GONE)
    last = newest(tries)
    lost = is_lost(server, tries, known, sight, orphan=orphan)
    rebuilding = server.task_state.startswith("rebuild")
    worked_on = is_worked_on(tries)
    if server.host != sight.host:
        # Nova moves an instance when it is built; a record that stays as it was lost its last message.
        built = any(each.dest == server.host and each.status in SUCCEEDED for each in tries)
        settled = built or sight.now - known.seen >= sight.limits.settle
        if not lost and (rebuilding or (worked_on and not settled)):
            return under_way(last, known, sight)
        return Verdict(State.EVACUATED, where_built(server))
    if not lost and last is not None and (worked_on or last.status in SUCCEEDED):
        return under_way(last, known, sight)
    unseen = known.asked is not None and len(tries) <= known.records
    if unseen and sight.now - (known.asked or 0.0) < sight.limits.settle:
        return Verdict(State.UNDER_WAY, "asked for, and not seen yet")
    if rebuilding and not lost and sight.now - known.seen < sight.limits.settle:
        # Nova says so a moment before there is a record. Where none comes, it was its owner's rebuild.
        return Verdict(State.UNDER_WAY, f"Nova says {server.task_state}")
    left = left_on(server, tries, known, sight)
    attempts = sight.limits.home if left is None else sight.limits.attempts
    verdict = ask_or_not(tries, known, sight, attempts=attempts, excluded=excluded, room=room)
    if left is not None and verdict.state is State.GAVE_UP:
        # At home it would run a second time.
        said = f"{left.dest} did not finish building it, and the guest may be there: {verdict.reason}"
        return Verdict(State.STUCK, said)
    return verdict


def left_on(server: Server, tries: Sequence[Migration], known: Known, sight: Sight) -> Migration | None:
    """The evacuation whose target may still run the guest that it was building, though nobody works on it.

    Such an instance may be built on that very host and on no other: Nova refuses where the guest is there.
    A host that was fenced or booted since runs it no more. Who resets the state of an instance has looked;
    but not whoever did so to one that its target forgot, or failed to build: that may have been an engine.
    """
    for each in tries:
        forgot = each.touched < sight.began.get(each.dest, 0.0) or has_failed(server, sight)
        runs_on = each.dest not in sight.fenced and each.touched >= sight.booted.get(each.dest, 0.0)
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
    server: Server, tries: Sequence[Migration], known: Known, sight: Sight, *, orphan: bool = False
) -> bool:
    """Whether no evacuation of those that were begun will ever end."""
    if not tries:
        return orphan
    worked_on = [each for each in tries if each.status in WORKED_ON]
    return bool(worked_on) and all(forgotten(each, server, known, sight) for each in worked_on)


def is_worked_on(tries: Sequence[Migration]) -> bool:
    """Whether by its records an evacuation is under way."""
    return any(each.status in WORKED_ON for each in tries)


def is_to_be_built(server: Server | None, tries: Sequence[Migration]) -> bool:
    """Whether the target of one that is under way is still to build it, and not only to move it."""
    return server is None or bool(server.task_state) or not is_worked_on(tries)


def forgotten(record: Migration, server: Server, known: Known, sight: Sight) -> bool:
    """Whether nobody works on a record any more.

    Its target was fenced, or booted since; or nova-compute was started again there; its state was reset; its
    target failed, and could write that into the instance, but no more into the record; or no target took it
    up, as the message bus lost it.
    """
    off = record.dest in sight.fenced or record.touched < sight.booted.get(record.dest, 0.0)
    quiet = sight.now - known.seen
    reset = may_be_reset(server, sight) and (known.reset or quiet >= UNATTENDED)
    since = sight.began.get(record.dest, 0.0) if record.dest else sight.served or 0.0
    ended = reset or has_failed(server, sight) or record.touched < since
    dropped = ended and quiet >= sight.limits.settle
    unclaimed = not record.dest and sight.served is not None and quiet >= UNATTENDED
    return off or dropped or unclaimed


def may_be_reset(server: Server, sight: Sight) -> bool:
    """Whether an instance looks as if its state had been reset: it is at home, and without a task.

    So does one that is built and not yet moved. That takes Nova a moment, and took it 90 s when its
    conductors had just been started on a busy machine.
    """
    return server.host == sight.host and not server.task_state


def has_failed(server: Server, sight: Sight) -> bool:
    """Whether Nova has stopped building it. What was in ERROR before its host died is not asked for."""
    return may_be_reset(server, sight) and server.vm_state == "error"


def where_built(server: Server) -> str:
    """Where an evacuated instance is, and whether something is wrong with it there."""
    wrong = ", in ERROR there" if server.vm_state == "error" and not server.runs else ""
    return f"on {server.host}{wrong}" if server.host else ""


def under_way(last: Migration | None, known: Known, sight: Sight) -> Verdict:
    """Somebody works on it, or has stopped to without saying so."""
    where = f"to {last.dest}" if last and last.dest else ""
    if sight.now - known.seen > sight.limits.stuck:
        record = f"migration {last.id} is {last.status}" if last else "Nova shows no migration"
        return Verdict(State.STUCK, f"for {sight.now - known.seen:.0f} s; {record} {where}".rstrip())
    return Verdict(State.UNDER_WAY, where)


def ask_or_not(
    tries: Sequence[Migration], known: Known, sight: Sight, *, attempts: int, excluded: str, room: str
) -> Verdict:
    """It is on the dead host and nobody works on it."""
    limits, now = sight.limits, sight.now
    if excluded:
        return Verdict(State.EXCLUDED, excluded)
    failures = len(tries) + known.refusals
    said = known.said or (f"migration {tries[-1].id} is {tries[-1].status}" if tries else "")
    if failures >= attempts:
        return Verdict(State.GAVE_UP, f"{failures} attempts failed; the last: {said}")
    since = known.seen if known.refused is None else max(known.seen, known.refused)
    if failures and now - since < limits.backoff * 2 ** (failures - 1):
        return Verdict(State.HELD, f"attempt {failures} of {attempts} failed: {said}")
    if room:
        if known.held is not None and now - known.held > limits.patience:
            return Verdict(State.GAVE_UP, room)
        return Verdict(State.HELD, room)
    return Verdict(State.ASK)


def too_many(fenced: Iterable[str], all_hosts: int, percent: int) -> str:
    """Why nothing is evacuated now: so many hosts at once means that the network is broken, not they.

    One or two are never too many, however few there are.
    """
    count = len(set(fenced))
    if count <= max(2, all_hosts * percent // 100):
        return ""
    return (
        f"{count} of {all_hosts} compute nodes are down at once, more than {percent} %: "
        "nothing is evacuated. If they are really lost, raise the parameter 'threshold'"
    )


def next_to_ask(
    verdicts: Mapping[str, Verdict], priorities: Mapping[str, int], *, at_once: int, busy: int
) -> list[str]:
    """The instances to ask for now: the most important first, no more than `at_once` under way."""
    free = max(0, at_once - busy)
    asked_for = [uuid for uuid, verdict in verdicts.items() if verdict.state is State.ASK]
    return sorted(asked_for, key=lambda uuid: (-priorities.get(uuid, 0), uuid))[:free]
