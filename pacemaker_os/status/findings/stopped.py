"""Findings about services that do not run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from pacemaker_os.status.failures import Failure
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.findings.services import failure_reasons, failures_of
from pacemaker_os.status.values import Service, State
from pacemaker_os.text import abbreviate

#: States of services that should run, and that do not.
_DOWN = ("cannot-run", "waiting", "unmanaged-down")


def stopped(state: State) -> Iterator[Finding]:
    """Report services that do not run: those that failed, each with the services that wait for it."""
    down = {service.id: service for service in state.services if service.judgement.state in _DOWN}
    if not down:
        return
    if reason := state.common_reason:
        yield Finding(
            code="services-stopped",
            severity="critical",
            subject="cluster",
            text=f"{len(down)} {'services are' if len(down) > 1 else 'service is'} stopped: {reason}",
        )
        return
    waiting = _waiting(state, down)
    for name, service in down.items():
        failures = failures_of(service, state)
        if name in waiting and not failures:
            continue
        followers = sorted(other for other, roots in waiting.items() if name in roots and other != name)
        dependent = f"; these services depend on it: {abbreviate(followers)}" if followers else ""
        yield _stopped(service, failures, dependent, state)
    yield from _waiting_for_others(state, down, waiting)


def _stopped(service: Service, failures: Collection[Failure], dependent: str, state: State) -> Finding:
    """Return the finding about a service that does not run for a reason of its own."""
    name = service.id
    found = state.reasons.get(name)
    if service.judgement.state == "unmanaged-down":
        setting = "maintenance" if service.maintenance else "is-managed"
        holders = state.overrides_of("unmanaged", "maintenance")
        holder = next((each.what for each in holders if each.what in service.names), "")
        return Finding(
            code="service-unmanaged-down",
            severity="critical",
            subject=name,
            text=f"{name} {service.judgement.text}, so that the cluster does not start it{dependent}",
            reason=failure_reasons(failures),
            advice="to let the cluster start it, run:" if holder else "to see the setting, run:",
            command=(
                ("crm_resource", "--resource", holder, "--meta", "--delete-parameter", setting)
                if holder
                else ("crm_resource", "--resource", name, "--query-xml")
            ),
        )
    if found is not None:
        return Finding(
            code="service-stopped",
            severity="critical",
            subject=name,
            text=f"{name} is stopped: {found.text}{dependent}",
            reason=failure_reasons(failures),
            advice=found.advice,
            origin=found.origin,
            command=found.command,
            node=found.node,
        )
    return Finding(
        code="service-stopped",
        severity="critical",
        subject=name,
        text=f"{name} is stopped{dependent}",
        reason=failure_reasons(failures),
        advice="after you fix the cause, run:"
        if failures
        else "the cause is unknown; for the scheduler's scores, run:",
        command=(
            ("crm_resource", "--cleanup", "--resource", name)
            if failures
            else ("crm_simulate", "--live-check", "--show-scores")
        ),
    )


def _waiting_for_others(
    state: State, down: Mapping[str, Service], waiting: Mapping[str, set[str]]
) -> Iterator[Finding]:
    """Report the services that wait for services outside of `down`: stopped, starting or hanging ones."""
    by_root: dict[str, list[str]] = defaultdict(list)
    for name, roots in waiting.items():
        for root in sorted(roots - set(down)):
            by_root[root].append(name)
    services = {service.id: service for service in state.services}
    for root, names in by_root.items():
        service = services[root]
        if service.judgement.state != "stopped":
            # The finding about the root names those that wait.
            continue
        holder = next((each for each in state.overrides_of("stopped") if each.what in service.names), None)
        verb = "waits" if len(names) == 1 else "wait"
        yield Finding(
            code="service-waiting",
            severity="critical",
            subject=names[0],
            text=f"{abbreviate(names)} {verb} for {root}, which {service.judgement.text}",
            advice="to start it, run:" if holder else "",
            command=(
                ("crm_resource", "--resource", holder.what, "--meta", "--delete-parameter", "target-role")
                if holder
                else ()
            ),
        )


def _waiting(state: State, down: Mapping[str, Service]) -> dict[str, set[str]]:
    """Return, for each service that waits for others, the first ones of the chain."""
    services = {service.id: service for service in state.services}
    found: dict[str, set[str]] = {}
    for name in down:
        roots, seen, ahead = set(), {name}, list(down[name].judgement.waits_for)
        while ahead:
            each = ahead.pop()
            if each in seen or each not in services:
                continue
            seen.add(each)
            further = services[each].judgement.waits_for
            if not further:
                roots.add(each)
            ahead += further
        if roots:
            found[name] = roots
    return found
