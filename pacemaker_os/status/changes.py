"""Differences between two states of a cluster, reported as events."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.finding import Severity
from pacemaker_os.status.values import Service, State
from pacemaker_os.text import fold


@dataclass(frozen=True, slots=True)
class Change:
    """An event: when it was detected, its severity, and its description."""

    when: str
    severity: Severity
    text: str


def changes(before: State, after: State) -> Iterator[Change]:
    """Yield the events between two states: nodes, then services, then failures and fencing.

    A node without a designated controller (DC) does not know the state of the cluster: it has not joined.
    """
    if not after.health.is_current:
        if before.health.is_current:
            node = after.health.connected
            yield Change(after.when, "warning", f"{node} is not part of the cluster: its view is not current")
        return
    if after.live and before.dc and not after.dc:
        yield Change(
            after.when, "warning", "no designated controller (DC): the state of the cluster is unknown"
        )
        return
    for text, severity in (*_nodes(before, after), *_services(before, after), *_failures(before, after)):
        yield Change(after.when, severity, text)


def _nodes(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    previous = {node.name: node for node in before.nodes}
    for node in after.nodes:
        old = previous.get(node.name)
        if old is None:
            yield f"{node.name} was added: {node.state}", "notice"
        elif old.state != node.state:
            yield f"{node.name}: {old.state} -> {node.state}", _node_severity(node.state)
    if before.quorum != after.quorum:
        yield ("quorum regained", "notice") if after.quorum else ("quorum lost", "critical")
    if before.dc != after.dc:
        elected = f"{after.dc} is the designated controller (DC)"
        yield (elected if after.dc else "no designated controller (DC) is elected"), "notice"


def _node_severity(state: str) -> Severity:
    if state == "online":
        return "notice"
    return "critical" if state == "unclean" else "warning"


def _services(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    previous = {service.id: service for service in before.services}
    for service in after.services:
        old = previous.pop(service.id, None)
        now = describe(service)
        if old is None:
            yield f"{service.id} was added: {now}", "notice"
        elif describe(old) != now:
            yield f"{service.id}: {describe(old)} -> {now}", _service_severity(old, service)
    for name in previous:
        yield f"{name} was removed from the configuration", "notice"


def _service_severity(old: Service, new: Service) -> Severity:
    if old.judgement.serves and not new.judgement.serves:
        return new.judgement.severity or "notice"
    return "warning" if len(new.nodes) < len(old.nodes) else "notice"


def describe(service: Service) -> str:
    """Return the roles of a service with their nodes, or the text of its judgement if it does not work."""
    placements = (f"{placement.role} {fold(placement.nodes)}" for placement in service.placements)
    roles = ", ".join(placements)
    judgement = service.judgement
    if judgement.is_well and roles:
        return roles
    if judgement.state in ("cannot-run", "stopped"):
        return "Stopped"
    if judgement.state == "unknown":
        return "unknown"
    if judgement.serves and roles:
        return f"{roles} ({judgement.state})"
    return judgement.text.removeprefix("is ") or roles or "Stopped"


def _failures(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    known = {(each.resource, each.node, each.task, each.when) for each in before.failures}
    for failure in after.failures:
        if (failure.resource, failure.node, failure.task, failure.when) not in known:
            reason = failure.reason or failure.status
            verb = "is degraded" if failure.degraded else "failed"
            yield f"{failure.resource} {verb} on {failure.node} ({failure.task}): {reason}", "warning"
    fenced = {(each.target, each.status, each.when) for each in before.fenced}
    for event in after.fenced:
        if (event.target, event.status, event.when) not in fenced:
            yield (
                f"fencing of {event.target} ({event.action}): {event.status}",
                "critical" if event.status == "failed" else "warning",
            )
