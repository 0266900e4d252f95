"""An apply as a stream of events for programs: one JSON object per line, flushed immediately."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pacemaker_os.cluster.apply.outcome import ApplyEvent, Outcome, Pushed, Recorded, RollingBack
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.apply.progress import HEARTBEAT, rollback_command


class EventLines:
    """Writes an event for each change, and repeats an unchanged state only as a heartbeat."""

    def __init__(self, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._write = write
        self._last: dict[str, Any] = {}
        self._written = 0.0

    def planned(self, plan: Plan) -> None:
        """Write the plan, as `pcs-os plan --json` prints it."""
        self._event("planned", plan=plan.to_json())

    def on_event(self, event: ApplyEvent) -> None:
        """Write a CIB version that was pushed, the start of a rollback, or the progress of a poll."""
        if isinstance(event, Pushed):
            self._event("pushed", version=str(event.version), history=event.record)
            return
        if isinstance(event, RollingBack):
            self._event("rolling-back", history=event.record, signal=event.interrupted)
            return
        if isinstance(event, Recorded):
            return
        progress = _progress(event)
        now = time.monotonic()
        if progress != self._last or now - self._written >= HEARTBEAT:
            name = "progress" if self._last else "waiting"
            self._last, self._written = progress, now
            self._event(name, seconds=round(event.seconds, 1), **progress)

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def ended(self, outcome: Outcome | None) -> None:
        """Write the last event: done or failed; `outcome` is None if there were no changes."""
        if outcome is None:
            self._event("done", outcome="no-changes")
        else:
            self._event("done" if outcome.succeeded else "failed", **_outcome(outcome))

    def failed(self, error: PacemakerOsError) -> None:
        """Write the last event of an apply that was refused or aborted."""
        problems = [asdict(problem) for problem in error.problems]
        self._event("failed", outcome="refused", error=error.code, problems=problems)

    def _event(self, event: str, **content: Any) -> None:
        self._write(json.dumps({"event": event, **content}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _progress(progress: Progress) -> dict[str, Any]:
    """Return running actions, and remaining actions with the reasons of the scheduler."""
    return {
        "running": list(progress.running),
        "remaining": [asdict(action) for action in progress.actions],
        "settled": progress.settled,
        "stalled": progress.stalled,
        "problem": progress.problem,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    failed = "interrupted" if outcome.interrupted else "failed"
    return {
        "outcome": "rolled-back" if outcome.rolled_back else "done" if outcome.succeeded else failed,
        "signal": outcome.interrupted,
        "version": str(outcome.version),
        "settled": outcome.settled,
        "remaining": list(outcome.remaining),
        "verdict": asdict(outcome.verdict),
        "history": outcome.record.id if outcome.record else None,
        "rollback": rollback_command(outcome),
        "warnings": list(outcome.warnings),
        "conditions": list(outcome.conditions),
        "lost_nodes": [asdict(node) for node in outcome.lost_nodes],
    }
