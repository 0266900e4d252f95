"""The progress of an apply: a live table on a terminal, lines with timestamps otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pacemaker_os.cluster.apply.outcome import (
    ApplyEvent,
    LostNode,
    Outcome,
    Pushed,
    Recorded,
    RollingBack,
)
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.target import Target
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.simulation import Action
from pacemaker_os.render.plan.ownership import count_ownership
from pacemaker_os.render.plan.text import print_plan
from pacemaker_os.render.terminal import open_console
from pacemaker_os.text import abbreviate, quantity

if TYPE_CHECKING:
    from rich.table import Table

#: Maximum time between two lines of progress, in seconds.
HEARTBEAT = 10.0

#: Number of names in a line of the result before the rest is only counted.
_LISTED = 6


class ProgressLines:
    """Prints a line with a timestamp for each change, and repeats an unchanged state only as a heartbeat."""

    def __init__(self, *, color: bool | None = None) -> None:
        self._console = open_console(color=color)
        self._last, self._printed = "", 0.0

    def on_event(self, event: ApplyEvent) -> None:
        """Print a CIB version that was pushed, the start of a rollback, or the progress of a poll."""
        if isinstance(event, Pushed | RollingBack):
            self._print(_describe_step(event))
            return
        if isinstance(event, Recorded):
            return
        text = _describe(event)
        now = time.monotonic()
        if text != self._last or now - self._printed >= HEARTBEAT:
            again = "still " if text == self._last and not event.settled and not event.stalled else ""
            self._last, self._printed = text, now
            self._print(f"{again}{text}")

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _print(self, text: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')}  {text}")


class ProgressTable:
    """Shows pending actions in a table that is redrawn at each poll."""

    def __init__(self, *, color: bool | None = None) -> None:
        from rich.live import Live

        self._console = open_console(color=color)
        self._live = Live(console=self._console, transient=True, auto_refresh=False)
        self._live.start()

    def on_event(self, event: ApplyEvent) -> None:
        """Print a CIB version that was pushed or the start of a rollback, or show the progress of a poll."""
        if isinstance(event, Pushed | RollingBack):
            self._live.console.print(_describe_step(event))
        elif not isinstance(event, Recorded):
            self._live.update(_table(event), refresh=True)

    def close(self) -> None:
        """Restore the terminal."""
        self._live.stop()


class TerminalOutput:
    """Prints a plan, the progress of its apply, and the result."""

    def __init__(self, *, color: bool | None = None) -> None:
        self._color = color
        self._progress: ProgressLines | ProgressTable | None = None

    def planned(self, plan: Plan) -> None:
        """Print the plan."""
        print_plan(plan, color=self._color)

    def on_event(self, event: ApplyEvent) -> None:
        """Print or show an event: as a table on a terminal, as lines otherwise."""
        if self._progress is None:
            kind = ProgressTable if sys.stdout.isatty() else ProgressLines
            self._progress = kind(color=self._color)
        self._progress.on_event(event)

    def close(self) -> None:
        """Restore the terminal."""
        if self._progress is not None:
            self._progress.close()

    def ended(self, outcome: Outcome | None) -> None:
        """Print the result of the apply; the view of the plan already says if there are no changes."""
        if outcome is not None:
            print_outcome(outcome, color=self._color)


def _describe_step(event: Pushed | RollingBack) -> str:
    if isinstance(event, Pushed):
        return f"CIB {event.version} written (apply {event.record})"
    cause = f"interrupted ({event.interrupted}); " if event.interrupted else ""
    again = "; a second signal ends the command immediately" if event.interrupted else ""
    return f"{cause}rolling back apply {event.record}{again}"


def _describe(progress: Progress) -> str:
    if progress.settled:
        return f"settled after {progress.seconds:.0f} s"
    waiting = [*progress.running, *map(_action, progress.actions)]
    if progress.problem:
        return f"waiting for a usable view of the cluster: {progress.problem}"
    if not waiting:
        return "waiting for the cluster to settle"
    state = "no progress; still pending" if progress.stalled else "waiting for"
    return f"{state}: {abbreviate(waiting)}"


def _action(action: Action) -> str:
    reason = f" ({action.reason})" if action.reason else ""
    where = f" on {action.node or action.source}" if action.node or action.source else ""
    return f"{action.verb} {action.resource}{where}{reason}"


def _table(progress: Progress) -> Table:
    from rich.table import Table

    table = Table(box=None, title=f"{_describe(progress)[:76]}", title_justify="left", show_header=False)
    for each in (*progress.running, *map(_action, progress.actions))[:20]:
        table.add_row("  ", each)
    return table


def print_outcome(outcome: Outcome, *, color: bool | None = None) -> None:
    """Print the result of an apply; failures with the exit reason of the agent."""
    console = open_console(color=color)
    for line, style in outcome_lines(outcome):
        console.print(line, style=style)


def outcome_lines(outcome: Outcome) -> Iterable[tuple[str, str]]:
    """Yield each line with its style."""
    verdict = outcome.verdict
    for failure in verdict.failures:
        reason = failure.reason or failure.status or "no exit reason"
        operation = f"{failure.resource} {failure.task} on {failure.node}"
        yield f"failed: {operation}: {reason} ({failure.status})", "critical"
    for failure in verdict.degraded:
        reason = failure.reason or "no exit reason"
        yield f"degraded: {failure.resource} on {failure.node}: {reason}", "warning"
    for service in verdict.stopped:
        yield f"stopped: {service}", "critical"
    for action in verdict.blocked:
        yield f"blocked: {_action(action)}", "critical"
    for orphan in verdict.orphans:
        yield f"orphaned (running but no longer configured): {orphan}", "critical"
    if outcome.settled is False and not outcome.interrupted:
        what = ", ".join(outcome.remaining[:6]) or "the controller is not idle"
        yield f"timed out waiting for the cluster to settle; still pending: {what}", "critical"
    for node in outcome.lost_nodes:
        yield _lost(node), "critical"
    for warning in outcome.warnings:
        yield f"warning: {warning}", "warning"
    for condition in outcome.conditions:
        yield f"warning: {condition}", "warning"
    if outcome.interrupted:
        yield from _interrupted(outcome)
    if outcome.rolled_back:
        yield f"the change was rolled back: {_rolled_back(outcome.plan)}", "warning"
    elif outcome.succeeded:
        yield f"{_done(outcome.plan)} (CIB {outcome.version})", "good"
    elif command := rollback_command(outcome):
        yield f"to roll back, run: {command}", ""


def _interrupted(outcome: Outcome) -> Iterable[tuple[str, str]]:
    """Yield what a signal left: what was written, and what is still going on."""
    record = outcome.record.id if outcome.record is not None else ""
    if outcome.rolled_back:
        yield f"interrupted ({outcome.interrupted}): apply {record} was written", "warning"
        return
    written = f"apply {record} was written (CIB {outcome.version})"
    if not outcome.removed:
        names = ", ".join(outcome.plan.stop_before_removal)
        written += f", except the removal of {names}: target-role is Stopped there"
    yield f"interrupted ({outcome.interrupted}): {written}", "critical"
    remaining = abbreviate(outcome.remaining)
    if remaining:
        yield f"the cluster continues: {remaining}", "critical"
    elif outcome.settled is not True:
        yield "the cluster continues with the change; it was not verified", "critical"
    target = Target.of_saved(outcome.plan.target)
    if not target.cib_file:
        yield f"to see the progress, run: {target.command(('pcs-os', 'status'))}", ""
    if not outcome.removed:
        yield "to finish, apply the same document again", ""


def _lost(node: LostNode) -> str:
    ran = abbreviate(node.services, _LISTED) or "no services"
    now = "is online again" if node.returned else "is not online"
    return f"node {node.node} left the cluster during the wait, and {now}; it ran {ran}"


def _rolled_back(plan: Plan) -> str:
    """Return what the rollback of a plan did to its objects."""
    verbs = {"add": "removed again", "change": "restored", "remove": "added again"}
    found = []
    for action, verb in verbs.items():
        names = [f"{each.kind} {each.name}" for each in plan.object_changes if each.action == action]
        found += [f"{verb}: {abbreviate(names, _LISTED)}"] if names else []
    return "; ".join(found) or "the ownership record was restored"


def rollback_command(outcome: Outcome) -> str:
    """Return the command that rolls back an apply, or an empty string if there is nothing to roll back."""
    if outcome.record is None or outcome.rolled_back:
        return ""
    return Target.of_saved(outcome.plan.target).command(("pcs-os", "rollback", outcome.record.id))


def _done(plan: Plan) -> str:
    verbs = {"add": "added", "change": "changed", "remove": "removed"}
    done = [f"{count} {verbs[action]}" for action, count in plan.counts().items() if count]
    done += [f"schema upgraded to {plan.upgrade.new}"] if plan.upgrade else []
    done += [f"{quantity(len(plan.secrets_to_write), 'secret')} distributed"] if plan.secrets_to_write else []
    done += [count_ownership(plan)] if plan.ownership else []
    return f"Done: {', '.join(done) or 'ownership recorded'}"
