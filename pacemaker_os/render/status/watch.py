"""A cluster shown live: the last look, and under it what happened since somebody began to watch."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING

from pacemaker_os.cluster import Cluster, Target
from pacemaker_os.cluster.observe.watch_state import Observation, watch_state
from pacemaker_os.render.status.screen import STYLES, status_lines
from pacemaker_os.render.terminal import open_console
from pacemaker_os.status.changes import Change
from pacemaker_os.status.clock import clock

if TYPE_CHECKING:
    from rich.text import Text

#: How many changes are shown.
_SHOWN = 10

#: From how many services on those that do the same share a line: fewer than when printed, to fit a screen.
_MANY = 12


def watch_status(cluster: Cluster, target: Target, *, color: bool | None = None) -> None:
    """Show the cluster until somebody interrupts; where no terminal is, what happens, a line each."""
    console = open_console(color=color)
    if not console.is_terminal:
        _tell(cluster)
        return
    from rich.console import Group
    from rich.live import Live

    happened: deque[Change] = deque(maxlen=_SHOWN)
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        for seen in watch_state(cluster):
            happened.extend(seen.changes)
            lines = screen(seen, happened, target, console.width, console.height)
            live.update(Group(*lines), refresh=True)


def print_looks(cluster: Cluster, target: Target, *, color: bool | None = None) -> None:
    """Print each look as one line of JSON, until somebody interrupts."""
    import json

    for seen in watch_state(cluster):
        if seen.state is not None and not seen.error:
            print(json.dumps(seen.state.to_json(), ensure_ascii=False), flush=True)


def _tell(cluster: Cluster) -> None:
    for seen in watch_state(cluster):
        if seen.error:
            print(f"cannot look: {seen.error}", file=sys.stderr, flush=True)
        for change in seen.changes:
            print(clock(change.when), change.text, flush=True)


def screen(
    seen: Observation, happened: Iterable[Change], target: Target, width: int, height: int
) -> list[Text]:
    """As much of a look as fits above what happened."""
    from rich.text import Text

    assert seen.state is not None
    below = list(_news(happened, seen, width))
    above = list(status_lines(seen.state, target, width, many=_MANY))
    room = max(height - len(below), 5)
    if len(above) > room:
        left = len(above) - room + 1
        above = [*above[: room - 1], Text(f"  ... {left} more lines: pcs-os status", style="quiet")]
    return [*above, *below]


def _news(happened: Iterable[Change], seen: Observation, width: int) -> Iterable[Text]:
    from rich.text import Text

    yield Text()
    when = clock(seen.state.when) if seen.state else ""
    yield Text.assemble(("What happens", "title"), (f"  (seen at {when}; Ctrl-C ends)", "quiet"))
    if seen.error:
        yield Text(f"  ! cannot look since then: {seen.error}", style="danger")
    for change in happened:
        style = STYLES[change.severity]
        head = f"  {clock(change.when)}  "
        for number, line in enumerate(wrap(change.text, max(width - len(head), 20), break_on_hyphens=False)):
            yield Text(f"{head if number == 0 else ' ' * len(head)}{line}", style=style)
