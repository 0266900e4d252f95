"""How an apply goes on: a live table on a terminal, timestamped lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import ApplyEvent, Outcome
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.plan.plan import Plan
from pacemaker_os.plan.prediction.simulation import Action
from pacemaker_os.render.plan.text import print_plan
from pacemaker_os.render.terminal import counted, open_console
from pacemaker_os.text import abbreviate

if TYPE_CHECKING:
    from rich.table import Table

#: At least this often a line says what is waited for, in seconds.
HEARTBEAT = 10.0


class ProgressLines:
    """Tells what happens, a line each, with the time of day; nothing twice but the heartbeat."""

    def __init__(self, *, color: bool | None = None) -> None:
        self._console = open_console(color=color)
        self._said, self._when = "", 0.0

    def tell(self, news: ApplyEvent) -> None:
        """Hear of a version that was written, or of a look."""
        if isinstance(news, Version):
            self._print(f"written: CIB {news}")
            return
        text = _words(news)
        now = time.monotonic()
        if text != self._said or now - self._when >= HEARTBEAT:
            again = "still " if text == self._said and not news.settled else ""
            self._said, self._when = text, now
            self._print(f"{again}{text}")

    def close(self) -> None:
        """Nothing is left open."""

    def _print(self, text: str) -> None:
        self._console.print(f"{time.strftime('%H:%M:%S')}  {text}")


class ProgressTable:
    """Shows what is left to do in a table that is drawn anew at each look."""

    def __init__(self, *, color: bool | None = None) -> None:
        from rich.live import Live

        self._console = open_console(color=color)
        self._live = Live(console=self._console, transient=True, auto_refresh=False)
        self._live.start()

    def tell(self, news: ApplyEvent) -> None:
        """Hear of a version that was written, or of a look."""
        if isinstance(news, Version):
            self._live.console.print(f"written: CIB {news}")
        else:
            self._live.update(_table(news), refresh=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()


class TerminalOutput:
    """Tells a person of a plan, of its way and of its end: a table on a terminal, lines elsewhere."""

    def __init__(self, *, color: bool | None = None) -> None:
        self._color = color
        self._progress: ProgressLines | ProgressTable | None = None

    def planned(self, plan: Plan) -> None:
        """Show what will be written and what will happen."""
        print_plan(plan, color=self._color)

    def tell(self, news: ApplyEvent) -> None:
        """Hear of a version that was written, or of a look."""
        if self._progress is None:
            kind = ProgressTable if sys.stdout.isatty() else ProgressLines
            self._progress = kind(color=self._color)
        self._progress.tell(news)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.close()

    def ended(self, outcome: Outcome | None) -> None:
        """Tell what became of the plan; that there was nothing to do, the plan has said."""
        if outcome is not None:
            print_outcome(outcome, color=self._color)


def _words(progress: Progress) -> str:
    if progress.settled:
        return f"settled after {progress.seconds:.0f} s"
    waiting = [*progress.running, *map(_action, progress.actions)]
    if not waiting:
        return "waiting for the controller to come to rest"
    word = "stuck: these are left to do and nothing moves" if progress.stalled else "waiting for"
    return f"{word}: {abbreviate(waiting)}"


def _action(action: Action) -> str:
    reason = f" ({action.reason})" if action.reason else ""
    where = f" on {action.node or action.source}" if action.node or action.source else ""
    return f"{action.verb} {action.resource}{where}{reason}"


def _table(progress: Progress) -> Table:
    from rich.table import Table

    table = Table(box=None, title=f"{_words(progress)[:76]}", title_justify="left", show_header=False)
    for each in (*progress.running, *map(_action, progress.actions))[:20]:
        table.add_row("  ", each)
    return table


def print_outcome(outcome: Outcome, *, color: bool | None = None) -> None:
    """Print what became of a plan: good news to standard output, bad news in the agents' own words."""
    console = open_console(color=color)
    for line, style in outcome_lines(outcome):
        console.print(line, style=style)


def outcome_lines(outcome: Outcome) -> Iterable[tuple[str, str]]:
    """Yield each line with its style."""
    verdict = outcome.verdict
    for failure in verdict.failures:
        words = failure.reason or failure.status or "it gave no reason"
        yield (
            f"failed: {failure.resource} {failure.task} on {failure.node}: {words} ({failure.status})",
            "danger",
        )
    for failure in verdict.degraded:
        words = failure.reason or "it gave no reason"
        yield f"degraded: {failure.resource} on {failure.node}: {words}", "warning"
    for service in verdict.stopped:
        yield f"does not run: {service}", "danger"
    for action in verdict.blocked:
        yield f"blocked: {_action(action)}", "danger"
    for orphan in verdict.orphans:
        yield f"still runs, although no configuration says it any more: {orphan}", "danger"
    if outcome.settled is False:
        what = ", ".join(outcome.remaining[:6]) or "the controller is busy"
        yield f"the cluster did not come to rest in time; left to do: {what}", "danger"
    for warning in outcome.warnings:
        yield f"warning: {warning}", "warning"
    if outcome.rolled_back:
        yield "the change was taken back", "warning"
    elif outcome.succeeded:
        yield f"{_done(outcome.plan)} (CIB {outcome.version})", "good"
    elif outcome.record is not None:
        yield f"to take it back: pcs-os rollback {outcome.record.id}", ""


def _done(plan: Plan) -> str:
    words = {"add": "added", "change": "changed", "remove": "removed"}
    done = [f"{count} {words[action]}" for action, count in plan.counts().items() if count]
    done += [f"the schema is {plan.upgrade.new}"] if plan.upgrade else []
    done += [f"{counted(len(plan.secrets_to_write), 'secret')} brought"] if plan.secrets_to_write else []
    return f"Done: {', '.join(done) or 'remembered who owns what'}"
