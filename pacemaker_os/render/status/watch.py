"""A live view of a cluster: the latest status, and recent state changes below it."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from textwrap import wrap

from pacemaker_os.cluster import Cluster, Target
from pacemaker_os.cluster.observe.watch_state import Observation, watch_state
from pacemaker_os.render.status.screen import STYLES, status_lines
from pacemaker_os.render.terminal import Line, line, open_console
from pacemaker_os.status.changes import Change
from pacemaker_os.status.clock import clock

#: Number of state changes that are shown.
_SHOWN = 10

#: Number of services above which equal services share a line; small enough to fit a screen.
_MANY = 12


def watch_status(cluster: Cluster, target: Target, *, color: bool | None = None) -> None:
    """Show the status until interrupted; without a terminal, print one line per state change."""
    console = open_console(color=color)
    if not console.is_terminal:
        _print_changes(cluster)
        return
    from rich.console import Group
    from rich.live import Live

    recent: deque[Change] = deque(maxlen=_SHOWN)
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for observation in watch_state(cluster):
            recent.extend(observation.changes)
            lines = screen(observation, recent, target, console.width, console.height)
            live.update(Group(*lines), refresh=True)


def print_snapshots(cluster: Cluster, target: Target, *, color: bool | None = None) -> None:
    """Print each snapshot as one line of JSON, until interrupted."""
    import json

    for observation in watch_state(cluster):
        if observation.state is not None and not observation.error:
            print(json.dumps(observation.state.to_json(), ensure_ascii=False), flush=True)


def _print_changes(cluster: Cluster) -> None:
    for observation in watch_state(cluster):
        if observation.error:
            print(f"cannot read the cluster status: {observation.error}", file=sys.stderr, flush=True)
        for change in observation.changes:
            print(clock(change.when), change.text, flush=True)


def screen(
    observation: Observation, recent: Iterable[Change], target: Target, width: int, height: int
) -> list[Line]:
    """Return the lines of the status that fit above the recent changes, and those changes."""
    assert observation.state is not None
    below = list(_recent_lines(recent, observation, width))
    above = list(status_lines(observation.state, target, width, many=_MANY))
    available = max(height - len(below), 5)
    if len(above) > available:
        hidden = len(above) - available + 1
        above = [
            *above[: available - 1],
            line((f"  ... {hidden} more lines; run: {target.command(('pcs-os', 'status'))}", "quiet")),
        ]
    return [*above, *below]


def _recent_lines(recent: Iterable[Change], observation: Observation, width: int) -> Iterable[Line]:
    yield line()
    when = clock(observation.state.when) if observation.state else ""
    yield line(("Recent changes", "title"), (f"  (updated at {when}; press Ctrl-C to quit)", "quiet"))
    if observation.error:
        yield line((f"  ! cannot read the cluster status since then: {observation.error}", "critical"))
    for change in recent:
        style = STYLES[change.severity]
        head = f"  {clock(change.when)}  "
        for number, text in enumerate(wrap(change.text, max(width - len(head), 20), break_on_hyphens=False)):
            yield line((f"{head if number == 0 else ' ' * len(head)}{text}", style))
