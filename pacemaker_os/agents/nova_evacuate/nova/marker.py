"""What is written into Nova, so that any engine that comes later knows what was done and by whom.

On a compute service, as the reason why it is disabled, in the same request that forces it down:

    pacemaker-os 20261120T171501Z-1a2b after=17 reserve=cmp9 before=enabled

the request that it was done for, the greatest number of an evacuation that was there before, the reserved
host that was given for it, and how the service was before. On an instance, as the reason of its lock: the
request. Both are Nova's own durable state: they outlive this program, its node, and the whole cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "pacemaker-os"

#: The reason with which a service is disabled whose process could not be recovered.
PROCESS = f"{NAME}: nova-compute does not run"

#: The lock of an instance that is moved after it crashed again and again.
MOVING = f"{NAME} moves it after crashes"

#: Nova keeps 255 characters of a reason.
LONGEST = 255


@dataclass(frozen=True, slots=True)
class Marker:
    """A fenced compute service. `before` is the reason why it was disabled; None: it was enabled."""

    request: str
    after: int
    before: str | None = None
    reserve: str = ""

    def __str__(self) -> str:
        words = [NAME, self.request, f"after={self.after}"]
        words += [f"reserve={self.reserve}"] if self.reserve else []
        words += ["before=enabled" if self.before is None else f"before=disabled {self.before}".rstrip()]
        return " ".join(words)[:LONGEST]


def read(reason: str) -> Marker | None:
    """The marker in a service's disabled_reason; None when the reason is somebody else's."""
    head, found, before = reason.partition(" before=")
    words = head.split()
    if not found or len(words) < 3 or words[0] != NAME:
        return None
    values = dict(word.partition("=")[::2] for word in words[2:])
    if not values.get("after", "").isdigit():
        return None
    disabled, _, why = before.partition(" ")
    return Marker(
        words[1], int(values["after"]), None if disabled == "enabled" else why, values.get("reserve", "")
    )


#: How the reason of an instance's lock begins; the request's name follows, and STOPPED where it was.
LOCK = f"{NAME} evacuation "
STOPPED = "stopped"


def lock(request: str, *, stopped: bool = False) -> str:
    """The reason of an instance's lock; it remembers for Nova that the instance was stopped."""
    return f"{LOCK}{request} {STOPPED}" if stopped else f"{LOCK}{request}"


def is_ours(reason: str | None) -> bool:
    """Whether a lock is one of ours, of whatever request."""
    return (reason or "").startswith(LOCK)


def request_of(reason: str | None) -> str:
    """The request that a lock of ours is for; empty for others' locks."""
    return (reason or "").removeprefix(LOCK).partition(" ")[0] if is_ours(reason) else ""


def was_stopped(reason: str | None) -> bool:
    """Whether a lock of ours says that the instance was stopped."""
    return is_ours(reason) and (reason or "").endswith(f" {STOPPED}")
