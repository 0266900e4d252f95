"""Findings about fencing."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.clock import clock
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import Fencing, State


def failed(state: State) -> Iterator[Finding]:
    """Report nodes whose latest fencing failed or is in progress."""
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
                text=f"fencing of {event.target} failed ({event.action}, {clock(event.when)})",
                reason=event.reason,
                advice="check the fencing device; after it responds again, run:",
                command=("stonith_admin", "--cleanup", "--history", event.target),
            )


def done(state: State) -> Iterator[Finding]:
    """Report nodes that were fenced, so that an operator investigates the cause."""
    for event in _latest(state):
        if event.status == "success":
            by = f" by {event.device}" if event.device else ""
            yield Finding(
                code="fenced",
                severity="notice",
                subject=event.target,
                text=f"{event.target} was fenced{by} ({event.action}, {clock(event.when)})",
                advice="to remove this event from the fencing history, run:",
                command=("stonith_admin", "--cleanup", "--history", event.target),
            )


def missing(state: State) -> Iterator[Finding]:
    """Report disabled fencing, or enabled fencing without a device."""
    if not any(not service.agent.startswith("stonith:") for service in state.services):
        return
    if not state.fencing:
        yield Finding(
            code="fencing-off",
            severity="warning",
            subject="cluster",
            text="fencing is disabled: a hung node can keep writing to data that another node has taken over",
            advice="add a fencing device to the document, and set the property stonith-enabled to true",
        )
    elif not state.devices:
        yield Finding(
            code="fencing-no-device",
            severity="critical",
            subject="cluster",
            text="fencing is enabled but no device is configured: no resources are started",
            advice="add a fencing device to the document",
        )


def _latest(state: State) -> Iterator[Fencing]:
    """Yield the latest event of each node."""
    seen: set[str] = set()
    for event in state.fenced:
        if event.target not in seen:
            seen.add(event.target)
            yield event
