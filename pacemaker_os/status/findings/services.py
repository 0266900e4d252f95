"""Findings about services that are blocked, orphaned, not promoted, failed or degraded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from pacemaker_os.status.clock import clock
from pacemaker_os.status.failures import Failure
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import Service, State
from pacemaker_os.text import abbreviate, fold

#: Fail counts from this value on are Pacemaker's INFINITY.
_INFINITY = 1_000_000


def impaired(state: State) -> Iterator[Finding]:
    """Report services that are blocked, orphaned, not promoted, or that run on fewer nodes."""
    for service in state.services:
        failures, judgement = failures_of(service, state), service.judgement
        if judgement.state == "blocked":
            yield Finding(
                code="service-blocked",
                severity="critical",
                subject=service.id,
                text=f"{service.id} {judgement.text}: Pacemaker takes no action on it until the "
                "failure is cleared",
                reason=failure_reasons(failures),
                advice="after you verify that it is stopped there, run:",
                command=("crm_resource", "--cleanup", "--resource", service.id),
            )
        if judgement.state == "orphaned":
            yield _orphaned(service, state)
        if judgement.state == "not-promoted":
            found = state.reasons.get(service.id)
            yield Finding(
                code="service-not-promoted",
                severity="critical",
                subject=service.id,
                text=f"{service.id} is not promoted on any node{f': {found.text}' if found else ''}",
                reason=failure_reasons(failures),
                advice=found.advice if found else "the cause is unknown; for the scheduler's scores, run:",
                origin=found.origin if found else "",
                command=found.command if found else ("crm_simulate", "--live-check", "--show-scores"),
                node=found.node if found else "",
            )
        if judgement.state == "partial" and judgement.failed_on:
            here = [each for each in failures if each.node in judgement.failed_on]
            yield Finding(
                code="service-partial",
                severity="warning",
                subject=service.id,
                text=f"{service.id} {judgement.text}",
                reason=failure_reasons(here),
                advice="after you fix the cause, run:",
                command=("crm_resource", "--cleanup", "--resource", service.id),
            )


def _orphaned(service: Service, state: State) -> Finding:
    """Return the finding about a service that runs without a configuration; Pacemaker may keep it."""
    if state.keeps_orphans:
        return Finding(
            code="service-orphaned",
            severity="warning",
            subject=service.id,
            text=f"{service.id} {service.judgement.text}, and the property stop-orphan-resources is false",
            advice="to let the cluster stop what is no longer configured, run:",
            command=("crm_attribute", "--name", "stop-orphan-resources", "--delete"),
        )
    return Finding(
        code="service-orphaned",
        severity="warning",
        subject=service.id,
        text=f"{service.id} {service.judgement.text}",
        advice="after you stop it there, run:",
        command=("crm_resource", "--refresh", "--resource", service.id),
    )


def failed_and_running(state: State) -> Iterator[Finding]:
    """Report failures from which the service recovered, but which Pacemaker still records."""
    equal: dict[tuple[str, str, str, str], list[Failure]] = defaultdict(list)
    running = {name: service for service in state.services if service.runs for name in service.names}
    for failure in state.failures:
        service = running.get(failure.resource.split(":")[0])
        if service is not None and not service.blocked and not failure.degraded:
            key = (service.id, failure.task, failure.status, failure.reason)
            if service.judgement.state != "partial" or failure.node not in service.judgement.failed_on:
                equal[key].append(failure)
    for (name, task, _, _), failures in equal.items():
        nodes = fold(failure.node for failure in failures)
        excluded = [f.node for f in failures if f.threshold and f.count >= f.threshold]
        count = sum(failure.count for failure in failures)
        times = f" {count} times" if 1 < count < _INFINITY else ""
        verb = "is" if len(set(excluded)) == 1 else "are"
        retry = state.retries.get(name, "")
        end = (
            f"until {clock(retry)}, or until you clear the failure"
            if retry
            else "until you clear the failure"
        )
        out = f"; {fold(excluded)} {verb} excluded {end}" if excluded else ""
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
