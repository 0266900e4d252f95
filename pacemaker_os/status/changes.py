"""What is different between two looks, told as what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pacemaker_os.status.values import Service, Severity, State
from pacemaker_os.text import fold


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened: when it was seen, and how bad it is."""

    when: str
    severity: Severity
    text: str


def changes(before: State, after: State) -> Iterator[Change]:
    """Yield what happened between two looks: nodes, then services, then failures and fencing."""
    for text, severity in (*_nodes(before, after), *_services(before, after), *_news(before, after)):
        yield Change(after.when, severity, text)


def _nodes(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    olds = {node.name: node for node in before.nodes}
    for node in after.nodes:
        old = olds.get(node.name)
        if old is None:
            yield f"{node.name} is new: {node.state}", "notice"
        elif old.state != node.state:
            yield f"{node.name}: {old.state} -> {node.state}", _of_node(node.state)
    if before.quorum != after.quorum:
        yield ("quorum is back", "notice") if after.quorum else ("quorum is lost", "critical")
    if before.dc != after.dc:
        yield (f"{after.dc} decides now (DC)" if after.dc else "nobody decides (no DC)"), "notice"


def _of_node(state: str) -> Severity:
    if state == "online":
        return "notice"
    return "critical" if state == "unclean" else "warning"


def _services(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    olds = {service.id: service for service in before.services}
    for service in after.services:
        old = olds.pop(service.id, None)
        now = doing(service)
        if old is None:
            yield f"{service.id} is new: {now}", "notice"
        elif doing(old) != now:
            yield f"{service.id}: {doing(old)} -> {now}", _of_service(old, service)
    for name in olds:
        yield f"{name} is gone from the configuration", "notice"


def _of_service(old: Service, new: Service) -> Severity:
    if old.runs and not new.runs:
        return "critical"
    return "warning" if len(new.nodes) < len(old.nodes) else "notice"


def doing(service: Service) -> str:
    """What a service does, in a few words."""
    return (
        ", ".join(f"{placement.role} {fold(placement.nodes)}" for placement in service.placements)
        or "Stopped"
    )


def _news(before: State, after: State) -> Iterator[tuple[str, Severity]]:
    known = {(each.resource, each.node, each.task, each.when) for each in before.failures}
    for failure in after.failures:
        if (failure.resource, failure.node, failure.task, failure.when) not in known:
            why = failure.reason or failure.status
            what = "is degraded" if failure.degraded else "failed"
            yield f"{failure.resource} {what} on {failure.node} ({failure.task}): {why}", "warning"
    fenced = {(each.target, each.status, each.when) for each in before.fenced}
    for event in after.fenced:
        if (event.target, event.status, event.when) not in fenced:
            yield (
                f"fencing of {event.target} ({event.action}): {event.status}",
                "critical" if event.status == "failed" else "warning",
            )
