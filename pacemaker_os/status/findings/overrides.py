"""Findings about what operators hold, and how each is let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pacemaker_os.status.values import Finding, Override, State

Command = tuple[str, ...]


def held(state: State) -> Iterator[Finding]:
    """Everything that is held, with the command that lets it go."""
    for hold in state.overrides:
        sentence, command = _KINDS[hold.kind]
        until = f", until {hold.until}" if hold.until else ""
        yield Finding(
            code=f"override-{hold.kind}",
            severity="warning" if hold.kind in _WHOLE else "notice",
            subject=hold.what or "cluster",
            text=sentence.format(what=hold.what, node=hold.node or "its node") + until,
            advice="to let it go",
            command=command(hold),
        )


#: What holds the whole cluster still.
_WHOLE = {"maintenance-mode", "stop-all-resources"}


def _property(hold: Override) -> Command:
    return "crm_attribute", "--name", hold.kind, "--delete"


def _node(name: str) -> Callable[[Override], Command]:
    return lambda hold: ("crm_attribute", "--node", hold.what, "--name", name, "--delete")


def _meta(name: str) -> Callable[[Override], Command]:
    return lambda hold: ("crm_resource", "--resource", hold.what, "--meta", "--delete-parameter", name)


def _clear(hold: Override) -> Command:
    node = ("--node", hold.node) if hold.node else ()
    return "crm_resource", "--clear", "--resource", hold.what, *node


def _ticket(hold: Override) -> Command:
    return "crm_ticket", "--ticket", hold.what, "--info"


#: What is said of each kind, and what lets it go.
_KINDS: dict[str, tuple[str, Callable[[Override], Command]]] = {
    "maintenance-mode": ("the whole cluster is in maintenance: nothing is watched or recovered", _property),
    "stop-all-resources": ("all resources are told to stop", _property),
    "standby": ("{what} is in standby", _node("standby")),
    "maintenance": ("{what} is in maintenance: it is not watched or recovered", _meta("maintenance")),
    "node-maintenance": (
        "{what} is in maintenance: nothing there is watched or recovered",
        _node("maintenance"),
    ),
    "stopped": ("{what} is told to stop (target-role)", _meta("target-role")),
    "unpromoted": ("{what} is told not to be promoted (target-role)", _meta("target-role")),
    "unmanaged": ("{what} is unmanaged: it is not started, stopped or recovered", _meta("is-managed")),
    "ban": ("{what} is banned from {node}", _clear),
    "prefer": ("{what} is held on {node} by a move", _clear),
    "ticket": ("the ticket {what} is not granted here", _ticket),
}
