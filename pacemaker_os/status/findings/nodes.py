"""Findings about nodes and the cluster as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.status.values import Finding, State


def cluster(state: State) -> Iterator[Finding]:
    """No quorum, or nobody who decides."""
    if not state.nodes or all(node.state == "unknown" for node in state.nodes):
        return
    online = sum(node.online for node in state.members)
    if not state.quorum:
        yield Finding(
            code="no-quorum",
            severity="critical",
            subject="cluster",
            text=f"there is no quorum: {online} of {len(state.members)} nodes are here",
            advice="nothing is started until more nodes are back",
            command=("corosync-quorumtool", "-s"),
        )
    elif not state.dc:
        yield Finding(
            code="no-dc",
            severity="critical",
            subject="cluster",
            text="no node decides: there is no designated controller",
            advice="it is elected within seconds; if it is not, read what Pacemaker says",
            command=("journalctl", "--unit", "pacemaker", "--since", "-5min"),
        )


def lost(state: State) -> Iterator[Finding]:
    """Nodes that are gone and may still do something."""
    for node in state.nodes:
        if node.state != "unclean":
            continue
        if state.fencing and state.devices:
            advice = "what ran there is started elsewhere once it is surely off"
            command: tuple[str, ...] = ("stonith_admin", "--history", node.name, "--verbose")
        else:
            advice = "nothing here can switch it off. Make sure yourself that it is off, and only then say so"
            command = ("stonith_admin", "--confirm", node.name)
        yield Finding(
            code="node-unclean",
            severity="critical",
            subject=node.name,
            text=f"{node.name} is lost, and nobody knows that it is off",
            advice=advice,
            command=command,
        )


def away(state: State) -> Iterator[Finding]:
    """Nodes that are not there, or not yet."""
    for node in state.nodes:
        if node.state == "offline" and node.kind == "member":
            yield Finding(
                code="node-offline",
                severity="warning",
                subject=node.name,
                text=f"{node.name} is offline",
                advice=f"when it is well again, on {node.name}",
                command=("systemctl", "start", "pacemaker"),
            )
        elif node.state == "offline":
            yield Finding(
                code="node-offline",
                severity="warning",
                subject=node.name,
                text=f"{node.name} ({node.kind}) is offline: the cluster has no connection to it",
                advice="why the connection does not run",
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
                text=f"{node.name} is in standby because an operation failed there",
                advice="when the cause is mended",
                command=("crm_resource", "--cleanup", "--node", node.name),
            )
