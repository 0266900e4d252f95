"""The markers that the engine writes into Nova, so that any later engine knows the progress.

A compute service is marked in its disabled reason, in the same request that forces it down:

    pacemaker-os 20261120T171501Z-1a2b after=17 reserve=cmp9 before=enabled

These are the evacuation request, the highest id of an earlier evacuation, the assigned reserved host, and the
previous status of the service. An instance is marked in the reason of its lock, with the evacuation request.
Both are durable in Nova, and survive the failure of the engine, its node, and the whole cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

NAME = "pacemaker-os"

#: Disabled reason of a service whose process could not be recovered.
PROCESS = f"{NAME}: nova-compute does not run"

#: Lock reason of an instance that is migrated after repeated crashes.
MOVING = f"{NAME} moves it after crashes"

#: Maximum length of a disabled reason in Nova, in characters.
MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Marker:
    """The marker of a fenced compute service.

    `before` is its previous disabled reason; None if it was enabled.
    """

    request: str
    after: int
    before: str | None = None
    reserve: str = ""

    def __str__(self) -> str:
        fields = [NAME, self.request, f"after={self.after}"]
        fields += [f"reserve={self.reserve}"] if self.reserve else []
        fields += ["before=enabled" if self.before is None else f"before=disabled {self.before}".rstrip()]
        return " ".join(fields)[:MAX_LENGTH]


def read(reason: str) -> Marker | None:
    """Return the marker in a disabled reason, or None if the reason is not the engine's."""
    head, found, before = reason.partition(" before=")
    fields = head.split()
    if not found or len(fields) < 3 or fields[0] != NAME:
        return None
    values = dict(field.partition("=")[::2] for field in fields[2:])
    if not values.get("after", "").isdigit():
        return None
    disabled, _, why = before.partition(" ")
    return Marker(
        fields[1], int(values["after"]), None if disabled == "enabled" else why, values.get("reserve", "")
    )


#: Prefix of the lock reason. The request name follows, and STOPPED if the instance was stopped.
LOCK = f"{NAME} evacuation "
STOPPED = "stopped"


def lock(request: str, *, stopped: bool = False) -> str:
    """Return the lock reason of an instance, which also records whether the instance was stopped."""
    return f"{LOCK}{request} {STOPPED}" if stopped else f"{LOCK}{request}"


def is_ours(reason: str | None) -> bool:
    """Return whether an instance was locked by an engine, for any request."""
    return (reason or "").startswith(LOCK)


def request_of(reason: str | None) -> str:
    """Return the request in a lock reason of an engine; empty for other locks."""
    return (reason or "").removeprefix(LOCK).partition(" ")[0] if is_ours(reason) else ""


def was_stopped(reason: str | None) -> bool:
    """Return whether a lock reason of an engine records that the instance was stopped."""
    return is_ours(reason) and (reason or "").endswith(f" {STOPPED}")
