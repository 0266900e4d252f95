"""A deployment as text: its progress, pending changes and results."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from pacemaker_os.install.changes.describe import PendingChange
from pacemaker_os.install.context.recorder import StepEvent
from pacemaker_os.install.deploy import DeployResult
from pacemaker_os.install.verify import ServiceTest
from pacemaker_os.render.terminal import open_console
from pacemaker_os.text import quantity

if TYPE_CHECKING:
    from rich.table import Table


class DeployLines:
    """Prints a line for each finished step, with the time since the start."""

    def __init__(self) -> None:
        self._console = open_console(stderr=True)
        self._start = time.monotonic()
        self._phase = ""

    def on_event(self, event: StepEvent) -> None:
        """Print a finished step, and each new phase."""
        if event.phase != self._phase:
            self._phase = event.phase
            self._console.print(event.phase, style="title")
        if event.seconds is not None:
            self._console.print(self.line(event))

    def line(self, event: StepEvent) -> str:
        """Return the line of a finished step."""
        passed = time.monotonic() - self._start
        return f"[{passed:6.1f} s] {event.node:14} {event.step} ({event.seconds or 0:.1f} s)"

    def close(self) -> None:
        """Do nothing: nothing is open."""


class DeployTable(DeployLines):
    """Also shows the running steps of each node below the finished ones."""

    def __init__(self) -> None:
        from rich.live import Live

        super().__init__()
        self._running: dict[tuple[str, str], float] = {}
        self._live = Live(console=self._console, transient=True, get_renderable=self._table)
        self._live.start()

    def on_event(self, event: StepEvent) -> None:
        """Show a running step, and print a finished one."""
        key = (event.node, event.step)
        if event.seconds is None:
            self._running[key] = time.monotonic()
        else:
            self._running.pop(key, None)
        super().on_event(event)

    def close(self) -> None:
        """Restore the terminal."""
        self._live.stop()

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, show_header=False)
        for (node, step), start in list(self._running.items()):
            table.add_row(f"  {node}", step, f"{time.monotonic() - start:.0f} s", style="quiet")
        return table


class NullProgress(DeployLines):
    """Prints nothing."""

    def on_event(self, event: StepEvent) -> None:
        """Ignore the event."""


def open_deploy_progress(*, quiet: bool) -> DeployLines:
    """Return a table on a terminal, lines otherwise, and no output if `quiet`."""
    if quiet:
        return NullProgress()
    return DeployTable() if sys.stderr.isatty() else DeployLines()


def print_changes(changes: Sequence[PendingChange], *, as_json: bool) -> None:
    """Print pending changes, grouped by node."""
    console = open_console()
    if as_json:
        print(json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False))
        return
    if not changes:
        console.print("No changes. Every node matches the topology.", style="good")
    node = None
    for change in changes:
        if change.host != node:
            node = change.host
            console.print(node, style="title")
        console.print(f"  {change.kind} {change.subject} {change.why}")
        for line in change.difference.splitlines()[2:]:
            style = {"+": "good", "-": "critical"}.get(line[:1], "quiet")
            console.print(f"      {line}", style=style)


def print_result(result: DeployResult, *, as_json: bool) -> None:
    """Print the result of a deployment."""
    if as_json:
        summary = {"changed": list(result.changed), "seconds": round(result.seconds, 1)}
        print(json.dumps({**summary, "report": dict(result.report)}, indent=2, ensure_ascii=False))
        return
    console = open_console()
    if not result.changed:
        console.print(f"No changes (checked in {result.seconds:.0f} s).", style="good")
        return
    console.print(
        f"Deployed in {result.seconds:.0f} s: {quantity(len(result.changed), 'change')}.", style="good"
    )
    for name, value in result.report:
        console.print(f"  {name:22} {value}")


def print_tests(tests: Iterable[ServiceTest], *, as_json: bool) -> bool:
    """Print each result of a functional test as soon as it is available; return whether all passed."""
    if as_json:
        results = list(tests)
        print(json.dumps([asdict(each) for each in results], indent=2, ensure_ascii=False))
        return all(each.passed for each in results)
    console, passed = open_console(), True
    for each in tests:
        passed = passed and each.passed
        result, style = ("passed", "good") if each.passed else ("FAILED", "critical")
        console.print(f"{result:7} {each.service:15} {each.name:24} {each.seconds:5.1f} s", style=style)
        if not each.passed:
            console.print(f"        {each.node}: {each.command}")
            for line in each.output.splitlines()[-5:]:
                console.print(f"        {line}", style="quiet")
    return passed
