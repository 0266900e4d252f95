"""Findings about fencing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pacemaker_os.status.clock import clock
from pacemaker_os.status.fencing import agent_lines, fencing_reason, gave_up
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import Fencing, State
from pacemaker_os.text import fold

#: The command that enables fencing.
_ENABLE = ("crm_attribute", "--name", "stonith-enabled", "--update", "true")


def failed(state: State) -> Iterator[Finding]:
    """Report nodes whose latest fencing failed or is in progress."""
    given_up = {each.node for each in gave_up(state.health.nodes, state.fenced)}
    for event in _latest(state):
        if event.target in given_up:
            continue
        if event.status == "pending":
            yield Finding(
                code="fencing-pending",
                severity="warning",
                subject=event.target,
                text=f"{event.target} is being fenced ({event.action})",
                reason=_because(event, state),
            )
        elif event.status != "success":
            yield Finding(
                code="fencing-failed",
                severity="critical",
                subject=event.target,
                text=f"fencing of {event.target} failed ({event.action}, {clock(event.when)})",
                reason=event.reason or _because(event, state),
                lines=_agent_lines(event.target, state),
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
                reason=_because(event, state),
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
            advice="set the property stonith-enabled to true, run:"
            if state.devices
            else "add a fencing device to the document, and set the property stonith-enabled to true",
            command=_ENABLE if state.devices else (),
        )
    elif not state.devices:
        yield Finding(
            code="fencing-no-device",
            severity="critical",
            subject="cluster",
            text="fencing is enabled but no device is configured: no resources are started",
            advice="add a fencing device to the document",
        )


def gave_up_on(state: State) -> Iterator[Finding]:
    """Report nodes that Pacemaker no longer tries to fence."""
    waiting = {node.name for node in state.nodes if node.state == "unclean"}
    for each in gave_up(state.health.nodes, state.fenced):
        if each.node not in waiting:
            continue
        since = clock(datetime.fromtimestamp(each.when).astimezone().isoformat())
        yield Finding(
            code="fencing-gave-up",
            severity="critical",
            subject=each.node,
            text=f"Pacemaker gave up fencing {each.node} after {each.failures} attempts, at {since}: "
            "its services are not recovered",
            lines=_agent_lines(each.node, state),
            advice="after the fencing device works again, run:",
            command=("stonith_admin", "--reboot", each.node),
        )


def uncovered(state: State) -> Iterator[Finding]:
    """Report nodes that no device can fence."""
    if not state.fencing or not state.devices:
        return
    nodes = [each.node for each in state.health.coverage if not each.devices]
    if nodes:
        yield Finding(
            code="fencing-no-coverage",
            severity="critical",
            subject=fold(nodes),
            text=f"no fencing device can fence {fold(nodes)}: if {'one' if len(nodes) > 1 else 'it'} fails, "
            "the services on it are not recovered",
            advice="add a device whose pcmk_host_list has the node to a document, or enable its device",
        )


def never_tested(state: State) -> Iterator[Finding]:
    """Report devices whose monitor never succeeded, unless a failure is reported."""
    failed = {failure.resource for failure in state.failures}
    running = {service.id for service in state.services if service.pending or service.runs}
    names = [name for name in state.health.untested if name not in failed and name not in running]
    if state.fencing and names:
        yield Finding(
            code="fencing-not-tested",
            severity="warning",
            subject=fold(names),
            text=f"{fold(names)} never worked: no monitor of it has succeeded since the cluster started",
            advice="to see whether the device can be used, run:",
            command=("crm_resource", "--why", "--resource", names[0]),
        )


def _because(event: Fencing, state: State) -> str:
    """Return why a node is or was fenced, as far as the logs tell."""
    reason = fencing_reason(event, state.health.nodes)
    return f"reason: {reason}" if reason else ""


def _agent_lines(node: str, state: State) -> tuple[str, ...]:
    """Return the last lines of the agents of the devices of a node."""
    devices = (device for each in state.health.coverage if each.node == node for device in each.devices)
    return tuple(line for device in devices for line in agent_lines(device, state.health.nodes)[0])[:3]


def _latest(state: State) -> Iterator[Fencing]:
    """Yield the latest event of each node."""
    seen: set[str] = set()
    for event in state.fenced:
        if event.target not in seen:
            seen.add(event.target)
            yield event
