"""A deployment for people's eyes: steps as they end, what would change, and what was done."""

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

if TYPE_CHECKING:
    from rich.table import Table


class DeployLines:
    """Tells of steps, a line each when it has ended, with the time since the start."""

    def __init__(self) -> None:
        self._console = open_console(stderr=True)
        self._begin = time.monotonic()
        self._phase = ""

    def tell(self, event: StepEvent) -> None:
        """Hear of a step that begins or has ended."""
        if event.phase != self._phase:
            self._phase = event.phase
            self._console.print(event.phase, style="title")
        if event.seconds is not None:
            self._console.print(self.line(event))

    def line(self, event: StepEvent) -> str:
        """The line of a step that has ended."""
        passed = time.monotonic() - self._begin
        return f"[{passed:6.1f} s] {event.node:14} {event.step} ({event.seconds or 0:.1f} s)"

    def close(self) -> None:
        """Nothing is left open."""


class DeployTable(DeployLines):
    """Shows below those lines what each node is busy with."""

    def __init__(self) -> None:
        from rich.live import Live

        super().__init__()
        self._busy: dict[tuple[str, str], float] = {}
        self._live = Live(console=self._console, transient=True, get_renderable=self._table)
        self._live.start()

    def tell(self, event: StepEvent) -> None:
        """Hear of a step that begins or has ended."""
        key = (event.node, event.step)
        if event.seconds is None:
            self._busy[key] = time.monotonic()
        else:
            self._busy.pop(key, None)
        super().tell(event)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, show_header=False)
        for (node, step), begin in list(self._busy.items()):
            table.add_row(f"  {node}", step, f"{time.monotonic() - begin:.0f} s", style="quiet")
        return table


class NullProgress(DeployLines):
    """Tells nobody."""

    def tell(self, event: StepEvent) -> None:
        """Hear, and say nothing."""


def open_deploy_progress(*, quiet: bool) -> DeployLines:
    """A table where a person looks on, lines elsewhere, nothing where a program reads."""
    if quiet:
        return NullProgress()
    return DeployTable() if sys.stderr.isatty() else DeployLines()


def print_changes(changes: Sequence[PendingChange], *, as_json: bool) -> None:
    """Print what would be changed, node by node."""
    console = open_console()
    if as_json:
        print(json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False))
        return
    if not changes:
        console.print("Nothing to do: every node is as the topology says.", style="good")
    node = None
    for change in changes:
        if change.host != node:
            node = change.host
            console.print(node, style="title")
        console.print(f"  {change.kind} {change.subject} {change.why}")
        for line in change.difference.splitlines()[2:]:
            style = {"+": "good", "-": "danger"}.get(line[:1], "quiet")
            console.print(f"      {line}", style=style)


def print_result(result: DeployResult, *, as_json: bool) -> None:
    """Print what a deployment did."""
    if as_json:
        said = {"changed": list(result.changed), "seconds": round(result.seconds, 1)}
        print(json.dumps({**said, "report": dict(result.report)}, indent=2, ensure_ascii=False))
        return
    console = open_console()
    if not result.changed:
        console.print(f"Nothing to do: looked in {result.seconds:.0f} s, changed nothing.", style="good")
        return
    console.print(f"Done in {result.seconds:.0f} s: {len(result.changed)} changes.", style="good")
    for what, where in result.report:
        console.print(f"  {what:22} {where}")


def print_tests(found: Iterable[ServiceTest], *, as_json: bool) -> bool:
    """Print what verifications saw, each as soon as it is seen; return whether all went well."""
    if as_json:
        seen = list(found)
        print(json.dumps([asdict(each) for each in seen], indent=2, ensure_ascii=False))
        return all(each.passed for each in seen)
    console, good = open_console(), True
    for each in found:
        good = good and each.passed
        word, style = ("good", "good") if each.passed else ("FAILED", "danger")
        console.print(f"{word:7} {each.service:15} {each.name:24} {each.seconds:5.1f} s", style=style)
        if not each.passed:
            console.print(f"        {each.node}: {each.command}")
            for line in each.output.splitlines()[-5:]:
                console.print(f"        {line}", style="quiet")
    return good
