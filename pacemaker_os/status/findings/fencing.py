"""Findings about fencing."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.clock import clock
from pacemaker_os.status.values import Fencing, Finding, State


def failed(state: State) -> Iterator[Finding]:
    """Nodes whose last fencing failed, or is under way."""
    for event in _latest(state):
        if event.status == "pending":
            yield Finding(
                code="fencing-pending",
                severity="warning",
                subject=event.target,
                text=f"{event.target} is being fenced ({event.action})",
            )
        elif event.status != "success":
            yield Finding(
                code="fencing-failed",
                severity="critical",
                subject=event.target,
                text=f"{event.target} could not be fenced ({event.action}, {clock(event.when)})",
                reason=event.reason,
                advice="look at the device by hand; when it answers again",
                command=("stonith_admin", "--cleanup", "--history", event.target),
            )


def done(state: State) -> Iterator[Finding]:
    """Nodes that were fenced: somebody should ask why."""
    for event in _latest(state):
        if event.status == "success":
            by = f" by {event.device}" if event.device else ""
            yield Finding(
                code="fenced",
                severity="notice",
                subject=event.target,
                text=f"{event.target} was fenced{by} ({event.action}, {clock(event.when)})",
                advice="to forget it",
                command=("stonith_admin", "--cleanup", "--history", event.target),
            )


def missing(state: State) -> Iterator[Finding]:
    """No fencing, or nothing to do it with."""
    if not any(not service.agent.startswith("stonith:") for service in state.services):
        return
    if not state.fencing:
        yield Finding(
            code="fencing-off",
            severity="warning",
            subject="cluster",
            text="fencing is off: a node that hangs may go on writing where another has taken over",
            advice="add a fencing device to the document, and stonith-enabled: true to its properties",
        )
    elif not state.devices:
        yield Finding(
            code="fencing-no-device",
            severity="critical",
            subject="cluster",
            text="fencing is on and there is no device: nothing is started",
            advice="add a fencing device to the document",
        )


def _latest(state: State) -> Iterator[Fencing]:
    """The last word on each node."""
    seen: set[str] = set()
    for event in state.fenced:
        if event.target not in seen:
            seen.add(event.target)
            yield event
