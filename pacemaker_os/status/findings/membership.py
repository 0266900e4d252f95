"""Findings about the view of the cluster: nodes that have not joined, that start, or that are outdated."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import State
from pacemaker_os.text import fold

_ASK = "ask another node, run:"


def view(state: State) -> Iterator[Finding]:
    """Report a status that is not that of the cluster, because the connected node is not part of it."""
    health = state.health
    own, better = health.own, health.better
    if own is None or own.view is None:
        return
    if better is not None:
        if own.joined:
            text = f"{own.node} is separated from the cluster: it has no quorum, {better.node} has it"
        else:
            text = f"{own.node} has not joined the cluster{_since(own.uptime)}: its own view is not current"
        yield Finding(
            code="view-not-current",
            severity="critical",
            subject=own.node,
            text=text,
            advice=_ASK,
            command=("pcs-os", "status"),
            node=better.node,
        )
    elif not own.joined and not health.starting:
        yield Finding(
            code="view-not-current",
            severity="critical",
            subject=own.node,
            text=f"{own.node} has not joined a cluster{_since(own.uptime)}: its own view is not current",
            advice="ask another node; to see why this one does not join, run:",
            command=("journalctl", "--unit", "pacemaker", "--unit", "corosync", "--since", "-5min"),
            node=own.node,
        )


def _since(uptime: float) -> str:
    return f" (Pacemaker started {uptime:.0f} s ago)" if uptime else ""


def starting(state: State) -> Iterator[Finding]:
    """Report a cluster that is starting: its services are expected to be stopped."""
    seconds, health = state.health.starting, state.health
    if not seconds or health.better is not None:
        return
    if health.is_current and any(each.judgement.state == "cluster-starting" for each in state.services):
        return
    waiting = [each for each in state.expected_services() if not each.runs]
    own = health.own
    if state.dc and (own is None or own.joined) and not waiting:
        return
    step = (
        "its services start after every node was probed"
        if state.dc
        else "an election of the DC follows within 20 s (dc-deadtime), then services start"
    )
    yield Finding(
        code="cluster-starting",
        severity="warning",
        subject="cluster",
        text=f"the cluster is starting (for {seconds:.0f} s): {step}",
        advice="wait a minute; to follow the start, run:",
        command=("pcs-os", "status", "--watch"),
    )


def outdated(state: State) -> Iterator[Finding]:
    """Report nodes whose configuration is older than that of others for some seconds."""
    views = [(each, each.view) for each in state.health.nodes if each.view is not None]
    if len(views) < 2:
        return
    newest, latest = max(views, key=lambda pair: pair[1].version)
    for facts, each in views:
        if latest.settled and each.version < latest.version and facts.joined and newest.joined:
            yield Finding(
                code="view-outdated",
                severity="critical",
                subject=facts.node,
                text=f"{facts.node} has an outdated configuration: version {_dotted(each.version)}, but "
                f"{newest.node} has {_dotted(latest.version)}",
                advice="if it does not receive the current one within a minute, run:",
                command=("systemctl", "restart", "pacemaker"),
                node=facts.node,
            )


def unchecked(state: State) -> Iterator[Finding]:
    """Report members whose health could not be checked, as nothing is known about their daemons and disks.

    Where no other node can be reached, the status is that of one node, and JSON data name what is missing.
    """
    health = state.health
    joined = set(health.own.view.joined) if health.own and health.own.view else set()
    others = [each for each in health.nodes if each.node != health.connected]
    missing = [each for each in others if each.why and each.node in joined]
    if missing and len(missing) < len(others):
        yield Finding(
            code="node-not-checked",
            severity="notice",
            subject=fold(each.node for each in missing),
            text=f"the daemons and disks of {fold(each.node for each in missing)} could not be checked",
            reason=missing[0].why,
        )


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
