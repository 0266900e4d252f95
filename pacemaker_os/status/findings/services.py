"""Findings about services that are stopped, blocked, failed or degraded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from pacemaker_os.status.clock import clock
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import Service, State
from pacemaker_os.text import abbreviate, fold

#: Fail counts from this value on are Pacemaker's INFINITY.
_INFINITY = 1_000_000


def stopped(state: State) -> Iterator[Finding]:
    """Report stopped services: those that failed, each with the services that depend on it."""
    down = {service.id: service for service in state.expected_services() if _is_down(service, state)}
    if not down:
        return
    if reason := _common_reason(state):
        yield Finding(
            code="services-stopped",
            severity="critical",
            subject="cluster",
            text=f"{len(down)} {'services are' if len(down) > 1 else 'service is'} stopped: {reason}",
        )
        return
    waiting = _waiting(down)
    disabled = {each.id for each in state.services if not each.runs and each.target_role == "Stopped"}
    for name, service in down.items():
        if name in waiting and not failures_of(service, state):
            continue
        followers = sorted(other for other, roots in waiting.items() if name in roots and other != name)
        failures = failures_of(service, state)
        advice, command = _next(service, disabled, failed=bool(failures))
        dependent = f"; these services depend on it: {abbreviate(followers)}" if followers else ""
        yield Finding(
            code="service-stopped",
            severity="critical",
            subject=name,
            text=f"{name} is stopped{dependent}",
            reason=failure_reasons(failures),
            advice=advice,
            command=command,
        )


def _next(service: Service, disabled: Collection[str], *, failed: bool) -> tuple[str, tuple[str, ...]]:
    """Return the advice and the command for a stopped service."""
    if failed:
        return "after you fix the cause, run:", ("crm_resource", "--cleanup", "--resource", service.id)
    if needed := [name for name in service.needs if name in disabled]:
        return f"it depends on {abbreviate(needed)}, which an operator stopped", ()
    return "to see why, run:", ("crm_resource", "--why", "--resource", service.id)


def impaired(state: State) -> Iterator[Finding]:
    """Report running services that are blocked, orphaned or not promoted."""
    for service in state.services:
        failures = failures_of(service, state)
        nodes = fold(service.nodes)
        if service.blocked and service.runs:
            yield Finding(
                code="service-blocked",
                severity="critical",
                subject=service.id,
                text=f"{service.id} is blocked on {nodes}: Pacemaker takes no action on it until the "
                "failure is cleared",
                reason=failure_reasons(failures),
                advice="after you verify that it is stopped there, run:",
                command=("crm_resource", "--cleanup", "--resource", service.id),
            )
        if service.orphaned and service.runs:
            yield Finding(
                code="service-orphaned",
                severity="warning",
                subject=service.id,
                text=f"{service.id} is orphaned: it runs on {nodes} but is no longer configured",
                advice="after you stop it there, run:",
                command=("crm_resource", "--refresh", "--resource", service.id),
            )
        if _lacks_promoted(service):
            yield Finding(
                code="service-not-promoted",
                severity="critical",
                subject=service.id,
                text=f"{service.id} is not promoted on any node",
                reason=failure_reasons(failures),
                advice="to see why, run:",
                command=("crm_resource", "--why", "--resource", service.id),
            )


def failed_and_running(state: State) -> Iterator[Finding]:
    """Report failures from which the service recovered, but which Pacemaker still records."""
    equal: dict[tuple[str, str, str, str], list[Failure]] = defaultdict(list)
    running = {name: service for service in state.services if service.runs for name in service.names}
    for failure in state.failures:
        service = running.get(failure.resource.split(":")[0])
        if service is not None and not service.blocked and not failure.degraded:
            key = (service.id, failure.task, failure.status, failure.reason)
            equal[key].append(failure)
    for (name, task, _, _), failures in equal.items():
        nodes = fold(failure.node for failure in failures)
        excluded = [f.node for f in failures if f.threshold and f.count >= f.threshold]
        count = sum(failure.count for failure in failures)
        times = f" {count} times" if 1 < count < _INFINITY else ""
        verb = "is" if len(set(excluded)) == 1 else "are"
        out = f"; {fold(excluded)} {verb} excluded until you clear the failure" if excluded else ""
        yield Finding(
            code="service-failed",
            severity="warning",
            subject=name,
            text=f"{name} failed{times} on {nodes} ({task}) and recovered{out}",
            reason=failure_reasons(failures),
            advice="after you fix the cause, run:",
            command=("crm_resource", "--cleanup", "--resource", name),
        )


def degraded(state: State) -> Iterator[Finding]:
    """Report running services whose monitor reports a problem; Pacemaker takes no action on these."""
    for service in state.services:
        reports = [each for each in failures_of(service, state) if each.degraded]
        nodes = fold(each.node for each in reports)
        if service.degraded:
            yield Finding(
                code="service-degraded",
                severity="warning",
                subject=service.id,
                text=f"{service.id} is degraded on {nodes} (running, but its monitor reports a problem)",
                reason=failure_reasons(reports),
            )


def failures_of(service: Service, state: State) -> list[Failure]:
    """Return the failures of a service and of the resources in it, the latest first."""
    return [each for each in state.failures if each.resource.split(":")[0] in {service.id, *service.parts}]


def failure_reasons(failures: Collection[Failure]) -> str:
    """Return each distinct exit reason once, with its nodes and its latest time."""
    grouped: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for each in failures:
        grouped[each.task, _reason(each)].append(each)
    texts = []
    for (task, reason), equal in grouped.items():
        last = max(each.when for each in equal)
        when = f", {clock(last)}" if last else ""
        texts.append(f"{task} on {fold(each.node for each in equal)}: {reason}{when}")
    return abbreviate(texts, 2, separator="; ")


def _reason(failure: Failure) -> str:
    """Return the exit reason, followed by the exit status unless the service is only degraded."""
    if not failure.reason:
        return failure.status
    return failure.reason if failure.degraded else f"{failure.reason} ({failure.status})"


def _is_down(service: Service, state: State) -> bool:
    """Return whether a service is stopped unintentionally; False when its state is unknown."""
    if service.runs or not service.managed or service.maintenance or service.pending:
        return False
    known = any(node.state != "unknown" for node in state.nodes)
    return known and not state.overrides_of("stop-all-resources")


def _common_reason(state: State) -> str:
    """Return the one reason for which no service can run, or an empty text."""
    if not state.quorum:
        return "no quorum"
    if not any(node.state == "online" for node in state.nodes):
        return "no node can run resources"
    if state.fencing and not state.devices:
        return "fencing is enabled but no device is configured"
    return ""


def _waiting(down: Mapping[str, Service]) -> dict[str, set[str]]:
    """Return, for each service that depends on other stopped services, the first ones of the chain."""
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
    expected = service.target_role not in ("Stopped", "Unpromoted") and service.managed
    roles = {placement.role for placement in service.placements}
    return service.kind == "promotable" and expected and roles == {"Unpromoted"}
