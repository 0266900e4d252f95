"""The state of an instance, and what a decision about it is made from. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Where an instance is on its way."""

    PENDING = "pending"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    STUCK = "stuck"
    EVACUATED = "evacuated"
    SKIPPED = "skipped"
    FAILED = "failed"
    DELETED = "deleted"


#: States after which nothing more is done about an instance: its node may return.
FINAL = frozenset({State.EVACUATED, State.SKIPPED, State.FAILED, State.DELETED})
#: States that a person should look at.
NEEDS_ATTENTION = frozenset({State.STUCK, State.FAILED})


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

    grace_period: float = 60.0
    evacuation_timeout: float = 600.0
    max_attempts: int = 5
    max_attempts_at_home: int = 5
    backoff: float = 10.0
    capacity_timeout: float = 600.0


@dataclass(frozen=True, slots=True)
class InstanceHistory:
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
    error: str = ""
    seen: float = 0.0
    held: float | None = None
    reset: bool = False


@dataclass(frozen=True, slots=True)
class HostContext:
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
