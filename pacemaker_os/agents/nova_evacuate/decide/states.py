"""The states of an instance, and the inputs of a decision. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """State of an instance during an evacuation."""

    PENDING = "pending"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    STUCK = "stuck"
    EVACUATED = "evacuated"
    SKIPPED = "skipped"
    FAILED = "failed"
    DELETED = "deleted"


#: States in which the work on an instance has ended, so that its node may return.
FINAL = frozenset({State.EVACUATED, State.SKIPPED, State.FAILED, State.DELETED})
#: States that need the attention of an operator.
NEEDS_ATTENTION = frozenset({State.STUCK, State.FAILED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The next action for an instance, and the reason."""

    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Timeouts and limits of the decisions; times are in seconds.

    grace_period          a request without a conclusive response may still be executed for this time
    evacuation_timeout    an evacuation in progress is reported as stuck after this time
    max_attempts          failed evacuations of an instance before it counts as failed
    max_attempts_at_home  the same, if the instance can run on its own node then
    backoff               delay after the first failed attempt; doubled each time
    capacity_timeout      time to wait for a host with free capacity
    """

    grace_period: float = 60.0
    evacuation_timeout: float = 600.0
    max_attempts: int = 5
    max_attempts_at_home: int = 5
    backoff: float = 10.0
    capacity_timeout: float = 600.0


@dataclass(frozen=True, slots=True)
class InstanceHistory:
    """The data that an engine keeps about an instance; times are those of its clock, in seconds.

    requested_at       when an evacuation was or may have been requested, with `records` records at that time
    refused_at         when a request was last rejected, for the last of `refusals` times, with `error`
    unchanged_since    since when Nova's description of the instance has not changed
    no_capacity_since  since when no host has had free capacity
    was_reset          whether its state was reset since an evacuation was requested
    """

    requested_at: float | None = None
    records: int = 0
    refused_at: float | None = None
    refusals: int = 0
    error: str = ""
    unchanged_since: float = 0.0
    no_capacity_since: float | None = None
    was_reset: bool = False


@dataclass(frozen=True, slots=True)
class HostContext:
    """The data that all instances of a host share. `fenced` are the hosts that are known to be off.

    Times are in seconds since 1970. `began` is the start of nova-compute on each host, `booted` the boot of
    each host, and `served` the time since which nova-compute has been running on all of them, or None.
    """

    host: str
    fenced: frozenset[str]
    now: float
    limits: Limits
    began: Mapping[str, float] = field(default_factory=dict)
    booted: Mapping[str, float] = field(default_factory=dict)
    served: float | None = None
