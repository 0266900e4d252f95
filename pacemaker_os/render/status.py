"""A cluster for people: nodes, what runs where, and what failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pacemaker_os.cluster.monitor import Status
from pacemaker_os.plan.running import Failure, NodeState, ResourceState
from pacemaker_os.render.terminal import open_console

if TYPE_CHECKING:
    from rich.text import Text

#: Time between two looks of `status --watch`, in seconds.
PACE = 2.0

#: States of nodes that are no cause for worry.
_NODE_STYLES = {"online": "good", "unknown": "quiet"}

Piece = tuple[str, str]


def print_status(
    status: Status, name: str, documents: Mapping[str, int], *, color: bool | None = None
) -> None:
    """Print one look at the cluster `name`, and how much of it each document says."""
    console = open_console(color=color)
    for line in status_lines(status, name):
        console.print(line)
    if documents:
        console.print()
        console.print("Documents", style="title")
    for document, count in documents.items():
        console.print(f"  {document}: {count} objects")


def watch_status(look: Callable[[], Status], name: str, *, color: bool | None = None) -> None:
    """Show the cluster until somebody interrupts."""
    from rich.console import Group
    from rich.live import Live

    with Live(console=open_console(color=color), auto_refresh=False) as live:
        while True:
            live.update(Group(*status_lines(look(), name)), refresh=True)
            time.sleep(PACE)


def status_lines(status: Status, name: str) -> Iterator[Text]:
    """Yield the lines of a status."""
    from rich.text import Text

    for pieces in _lines(status, name):
        yield Text.assemble(*pieces)


def _lines(status: Status, name: str) -> Iterator[list[Piece]]:
    quorum: Piece = ("quorum", "good") if status.quorum else ("no quorum", "danger")
    dc = f", DC {status.dc}" if status.dc else ", no DC"
    fencing: Piece = ("", "") if status.fencing else (", fencing off", "warning")
    yield [("Cluster ", ""), (name, "name"), ("  ", ""), quorum, (dc, ""), fencing]
    if status.maintenance:
        yield [("The whole cluster is in maintenance: nothing is started, stopped or watched.", "warning")]
    yield []
    yield [("Nodes", "title")]
    width = max((len(node.name) for node in status.nodes), default=0)
    yield from (_node(node, width) for node in status.nodes)
    yield []
    yield [("Resources", "title")]
    yield from _resources(status.resources)
    if status.failures:
        yield []
        yield [("Failures", "title")]
        yield from map(_failure, status.failures)


def _node(node: NodeState, width: int) -> list[Piece]:
    style = _NODE_STYLES.get(node.state, "danger" if not node.online else "warning")
    remarks = [*(["DC"] if node.is_dc else []), *([node.kind] if node.kind != "member" else [])]
    count = f"{node.resources} running" if node.online else ""
    return [
        (f"  {node.name:<{width}}  ", ""),
        (f"{node.state:<12}", style),
        (f"{count:<12}{' '.join(remarks)}", "quiet"),
    ]


def _resources(resources: Iterable[ResourceState]) -> Iterator[list[Piece]]:
    """A line for each service; the instances of a clone or bundle, and the members of a group, below it."""
    shown = list(_services(resources))
    width = min(max((len(title) for title, _, _ in shown), default=0), 40)
    for title, agent, states in shown:
        pieces = _state(states)
        length = sum(len(text) for text, _ in pieces)
        yield [(f"  {title:<{width}}  ", ""), *pieces, (f"{'':<{max(2, 36 - length)}}{agent}", "quiet")]
    if not shown:
        yield [("  none", "quiet")]


def _services(resources: Iterable[ResourceState]) -> Iterator[tuple[str, str, list[ResourceState]]]:
    groups: dict[tuple[str, ...], list[ResourceState]] = {}
    for state in resources:
        groups.setdefault((*state.parents, state.id.split(":")[0]), []).append(state)
    seen: set[str] = set()
    for path, states in groups.items():
        for depth, parent in enumerate(path[:-1]):
            alone = all(other[: depth + 1] != path[: depth + 1] for other in groups if other is not path)
            if parent not in seen and not alone:
                seen.add(parent)
                yield f"{'  ' * depth}{parent}", "", []
        indent = sum(parent in seen for parent in path[:-1])
        around = [parent for parent in path[:-1] if parent not in seen]
        yield f"{'  ' * indent}{around[0] if around else path[-1]}", states[0].agent, states


def _state(states: list[ResourceState]) -> list[Piece]:
    """What the instances do, and where, each role once."""
    if not states:
        return []
    pieces: list[Piece] = []
    for role in dict.fromkeys(state.role for state in states if state.nodes):
        nodes = [node for state in states if state.role == role for node in state.nodes]
        pieces.append((f"{', ' if pieces else ''}{role} {' '.join(nodes)}", "good"))
    if not pieces:
        asked = any(state.target_role == "Stopped" for state in states)
        pieces.append(("Stopped", "warning" if asked else "danger"))
    pieces += [(f" {word}", "danger") for word in _flags(states)]
    return pieces


def _flags(states: list[ResourceState]) -> Iterator[str]:
    if any(state.failed for state in states):
        yield "FAILED"
    if any(state.blocked for state in states):
        yield "blocked"
    if any(state.orphaned for state in states):
        yield "orphaned"
    if not all(state.managed for state in states):
        yield "unmanaged"
    yield from dict.fromkeys(f"({state.pending})" for state in states if state.pending)


def _failure(failure: Failure) -> list[Piece]:
    words = failure.reason or "no reason given"
    where = f"  {failure.resource} {failure.task} on {failure.node}: "
    return [(where, "danger"), (f"{words} ({failure.status}) at {failure.when}", "")]
