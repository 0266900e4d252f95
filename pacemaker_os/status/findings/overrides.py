"""Findings about operator overrides, with the command that removes each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pacemaker_os.cib.overrides import Override
from pacemaker_os.status.finding import Finding
from pacemaker_os.status.values import State

Command = tuple[str, ...]


def overridden(state: State) -> Iterator[Finding]:
    """Report every operator override."""
    for override in state.overrides:
        text, command = _KINDS[override.kind]
        until = f", until {override.until}" if override.until else ""
        yield Finding(
            code=f"override-{override.kind}",
            severity="warning" if override.kind in _CLUSTER_WIDE else "notice",
            subject=override.what or "cluster",
            text=text.format(what=override.what, node=override.node or "its node") + until,
            advice="to see its state, run:" if override.kind == "ticket" else "to remove the override, run:",
            command=command(override),
        )


#: Overrides that affect the whole cluster.
_CLUSTER_WIDE = {"maintenance-mode", "stop-all-resources"}


def _property(override: Override) -> Command:
    return "crm_attribute", "--name", override.kind, "--delete"


def _node(name: str) -> Callable[[Override], Command]:
    return lambda override: ("crm_attribute", "--node", override.what, "--name", name, "--delete")


def _meta(name: str) -> Callable[[Override], Command]:
    return lambda override: (
        "crm_resource",
        "--resource",
        override.what,
        "--meta",
        "--delete-parameter",
        name,
    )


def _clear(override: Override) -> Command:
    node = ("--node", override.node) if override.node else ()
    return "crm_resource", "--clear", "--resource", override.what, *node


def _ticket(override: Override) -> Command:
    return "crm_ticket", "--ticket", override.what, "--info"


#: The text of each kind of override, and the command that removes it.
_KINDS: dict[str, tuple[str, Callable[[Override], Command]]] = {
    "maintenance-mode": (
        "the whole cluster is in maintenance mode: no resource is monitored or recovered",
        _property,
    ),
    "stop-all-resources": ("stop-all-resources is set: all resources are stopped", _property),
    "standby": ("{what} is in standby", _node("standby")),
    "maintenance": (
        "{what} is in maintenance mode: it is not monitored or recovered",
        _meta("maintenance"),
    ),
    "node-maintenance": (
        "{what} is in maintenance mode: no resource on it is monitored or recovered",
        _node("maintenance"),
    ),
    "stopped": ("{what} is stopped by its target-role", _meta("target-role")),
    "unpromoted": ("{what} is not promoted because of its target-role", _meta("target-role")),
    "unmanaged": ("{what} is unmanaged: it is not started, stopped or recovered", _meta("is-managed")),
    "ban": ("{what} is banned from {node}", _clear),
    "prefer": ("{what} is pinned to {node} by a move constraint", _clear),
    "ticket": ("the ticket {what} is not granted to this cluster", _ticket),
}
