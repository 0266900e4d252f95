"""Findings about services: what does not run and why, what is stuck, what failed and runs again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from pacemaker_os.plan.failures import Failure
from pacemaker_os.status.clock import clock
from pacemaker_os.status.values import Finding, Service, State
from pacemaker_os.text import abbreviate, fold


def stopped(state: State) -> Iterator[Finding]:
    """Services that should run and do not: those that failed, and with each those that wait for it."""
    down = {service.id: service for service in state.expected_services() if _is_down(service, state)}
    if not down:
        return
    if reason := _common_reason(state):
        yield Finding(
            code="services-stopped",
            severity="critical",
            subject="cluster",
            text=f"{len(down)} {'services do' if len(down) > 1 else 'service does'} not run{reason}",
        )
        return
    waiting = _waiting(down)
    asleep = {each.id for each in state.services if not each.runs and each.target_role == "Stopped"}
    for name, service in down.items():
        if name in waiting and not failures_of(service, state):
            continue
        followers = sorted(other for other, roots in waiting.items() if name in roots and other != name)
        failures = failures_of(service, state)
        advice, command = _next(service, asleep, failed=bool(failures))
        yield Finding(
            code="service-stopped",
            severity="critical",
            subject=name,
            text=f"{name} does not run"
            + (f", and for it wait: {abbreviate(followers)}" if followers else ""),
            reason=words(failures),
            advice=advice,
            command=command,
        )


def _next(service: Service, asleep: Collection[str], *, failed: bool) -> tuple[str, tuple[str, ...]]:
    """What comes next for a service that does not run."""
    if failed:
        return "when the cause is mended", ("crm_resource", "--cleanup", "--resource", service.id)
    if needed := [name for name in service.needs if name in asleep]:
        return f"it needs {abbreviate(needed)}, which somebody told to stop", ()
    return "why not", ("crm_resource", "--why", "--resource", service.id)


def troubled(state: State) -> Iterator[Finding]:
    """Services that run, and are stuck or promoted nowhere or nobody's."""
    for service in state.services:
        failures = failures_of(service, state)
        if service.blocked and service.runs:
            yield Finding(
                code="service-blocked",
                severity="critical",
                subject=service.id,
                text=f"{service.id} is blocked: the cluster leaves it as it is on {fold(service.nodes)}",
                reason=words(failures),
                advice="when it is surely stopped there",
                command=("crm_resource", "--cleanup", "--resource", service.id),
            )
        if service.orphaned and service.runs:
            yield Finding(
                code="service-orphaned",
                severity="warning",
                subject=service.id,
                text=f"{service.id} runs on {fold(service.nodes)}, and no configuration says it any more",
                advice="when it is stopped there",
                command=("crm_resource", "--refresh", "--resource", service.id),
            )
        if _lacks_promoted(service):
            yield Finding(
                code="service-not-promoted",
                severity="critical",
                subject=service.id,
                text=f"{service.id} is promoted nowhere",
                reason=words(failures),
                advice="why not",
                command=("crm_resource", "--why", "--resource", service.id),
            )


def failed_and_running(state: State) -> Iterator[Finding]:
    """Failures that the cluster has dealt with: the service runs, and the failure is remembered."""
    alike: dict[tuple[str, str, str, str], list[Failure]] = defaultdict(list)
    running = {name: service for service in state.services if service.runs for name in service.names}
    for failure in state.failures:
        service = running.get(failure.resource.split(":")[0])
        if service is not None and not service.blocked and not failure.degraded:
            key = (service.id, failure.task, failure.status, failure.reason)
            alike[key].append(failure)
    for (name, task, _, _), failures in alike.items():
        where = fold(failure.node for failure in failures)
        out = [f.node for f in failures if f.threshold and f.count >= f.threshold]
        banned = f"; it may not run on {fold(out)} until that is cleaned up" if out else ""
        count = sum(failure.count for failure in failures)
        times = f" {count} times" if 1 < count < 1_000_000 else ""
        yield Finding(
            code="service-failed",
            severity="warning",
            subject=name,
            text=f"{name} failed{times} on {where} ({task}), and runs again{banned}",
            reason=words(failures),
            advice="when the cause is mended, or known",
            command=("crm_resource", "--cleanup", "--resource", name),
        )


def degraded(state: State) -> Iterator[Finding]:
    """Services that serve, and say that they are less than well: Pacemaker does nothing about it."""
    for service in state.services:
        poor = [each for each in failures_of(service, state) if each.degraded]
        where = fold(each.node for each in poor)
        if service.degraded:
            yield Finding(
                code="service-degraded",
                severity="warning",
                subject=service.id,
                text=f"{service.id} is degraded on {where}: it serves, less than well",
                reason=words(poor),
            )


def failures_of(service: Service, state: State) -> list[Failure]:
    """The failures of a service and of what is in it, the latest first."""
    return [each for each in state.failures if each.resource.split(":")[0] in {service.id, *service.parts}]


def words(failures: Collection[Failure]) -> str:
    """What agents said, each once, with where and when it was said last."""
    said: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for each in failures:
        said[each.task, _what(each)].append(each)
    shown = []
    for (task, what), alike in said.items():
        last = max(each.when for each in alike)
        shown.append(
            f"{task} on {fold(each.node for each in alike)}: {what}{f', {clock(last)}' if last else ''}"
        )
    return abbreviate(shown, 2, separator="; ")


def _what(failure: Failure) -> str:
    """The words of an agent, and of a failure what its status means: all there is where it said nothing."""
    if not failure.reason:
        return failure.status
    return failure.reason if failure.degraded else f"{failure.reason} ({failure.status})"


def _is_down(service: Service, state: State) -> bool:
    """Whether something is missing: not when nobody knows, or when the cluster is told to keep off."""
    if service.runs or not service.managed or service.maintenance or service.pending:
        return False
    return any(node.state != "unknown" for node in state.nodes) and not state.overrides_of(
        "stop-all-resources"
    )


def _common_reason(state: State) -> str:
    if not state.quorum:
        return ": there is no quorum"
    if not any(node.state == "online" for node in state.nodes):
        return ": no node may run anything"
    if state.fencing and not state.devices:
        return ": fencing is on and there is no device"
    return ""


def _waiting(down: Mapping[str, Service]) -> dict[str, set[str]]:
    """For each service that waits for others that are down: those at the beginning of the wait."""
    found: dict[str, set[str]] = {}
    for name in down:
        roots, seen, ahead = set(), {name}, [each for each in down[name].needs if each in down]
        while ahead:
            each = ahead.pop()
            if each in seen:
                continue
            seen.add(each)
            further = [need for need in down[each].needs if need in down]
            if not further:
                roots.add(each)
            ahead += further
        if roots:
            found[name] = roots
    return found


def _lacks_promoted(service: Service) -> bool:
    wanted = service.target_role not in ("Stopped", "Unpromoted") and service.managed
    roles = {placement.role for placement in service.placements}
    return service.kind == "promotable" and wanted and roles == {"Unpromoted"}
