"""Findings about nodes and the cluster as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.plan.prediction.obstacles.nodes import without_health
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import State


def cluster(state: State) -> Iterator[Finding]:
    """Report a cluster without quorum or without a designated controller."""
    if not state.nodes or all(node.state == "unknown" for node in state.nodes):
        return
    online = sum(node.online for node in state.members)
    if not state.quorum:
        yield Finding(
            code="no-quorum",
            severity="critical",
            subject="cluster",
            text=f"no quorum: {online} of {len(state.members)} nodes are online",
            advice="no resources are started until more nodes are online; to see the votes, run:",
            command=("corosync-quorumtool", "-s"),
        )
    elif not state.dc:
        yield Finding(
            code="no-dc",
            severity="critical",
            subject="cluster",
            text="no designated controller (DC) is elected",
            advice="an election takes a few seconds; if it does not finish, run:",
            command=("journalctl", "--unit", "pacemaker", "--since", "-5min"),
        )


def unclean(state: State) -> Iterator[Finding]:
    """Report nodes that failed and may still run resources."""
    for node in state.nodes:
        if node.state != "unclean":
            continue
        uncovered = any(each.node == node.name and not each.devices for each in state.health.coverage)
        if state.fencing and state.devices and not uncovered:
            advice = (
                "its resources are recovered on other nodes after it is fenced; "
                "to see the fencing history, run:"
            )
            command: tuple[str, ...] = ("stonith_admin", "--history", node.name, "--verbose")
        else:
            cause = "no device can fence it" if uncovered else "no fencing device is configured"
            cause = cause if state.fencing else "fencing is disabled"
            advice = (
                f"the cluster cannot power the node off because {cause}. "
                "Verify that the node is off before you confirm it; a false confirmation can corrupt data:"
            )
            command = ("stonith_admin", "--confirm", node.name)
        yield Finding(
            code="node-unclean",
            severity="critical",
            subject=node.name,
            text=f"{node.name} is UNCLEAN: its state is unknown and it has not been fenced yet",
            advice=advice,
            command=command,
        )


def unavailable(state: State) -> Iterator[Finding]:
    """Report nodes that are offline, are joining, or are in standby after a failure."""
    for node in state.nodes:
        if node.state == "offline" and node.kind == "member":
            yield Finding(
                code="node-offline",
                severity="warning",
                subject=node.name,
                text=f"{node.name} is offline",
                advice="after you fix the cause, run:",
                command=("systemctl", "start", "pacemaker"),
                node=node.name,
            )
        elif node.state == "offline":
            yield Finding(
                code="node-offline",
                severity="warning",
                subject=node.name,
                text=f"{node.name} ({node.kind} node) is offline: the cluster has no connection to it",
                advice="to see why the connection is stopped, run:",
                command=("crm_resource", "--why", "--resource", node.name),
            )
        elif node.state == "pending":
            yield Finding(
                code="node-pending", severity="notice", subject=node.name, text=f"{node.name} is joining"
            )
        elif node.by_failure:
            yield Finding(
                code="node-standby-failure",
                severity="warning",
                subject=node.name,
                text=f"{node.name} is in standby because an operation failed there (on-fail=standby)",
                advice="after you fix the cause, run:",
                command=("crm_resource", "--cleanup", "--node", node.name),
            )


def unhealthy(state: State) -> Iterator[Finding]:
    """Report nodes whose health attributes keep resources away."""
    for node in state.nodes:
        for each in node.unhealthy:
            yield Finding(
                code="node-unhealthy",
                severity="warning",
                subject=node.name,
                text=f"{node.name} is unhealthy: the node attribute {each.name} is {each.value}, "
                "which keeps resources away",
                advice="after you fix the cause, run:",
                command=without_health(node.name, each.name, lasting=each.lasting),
            )
