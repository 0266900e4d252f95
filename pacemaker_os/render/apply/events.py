"""An apply as a stream of events for programs: one JSON object a line, each written at once."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.outcome import ApplyEvent, Outcome
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.errors import PacemakerOsError
from pacemaker_os.plan.plan import Plan
from pacemaker_os.render.apply.progress import HEARTBEAT


class EventLines:
    """Tells what happens; what is still the same is told again only as a heartbeat."""

    def __init__(self, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._write = write
        self._told: dict[str, Any] = {}
        self._when = 0.0

    def planned(self, plan: Plan) -> None:
        """What will be written and what will happen, as `pcs-os plan --json` prints it."""
        self._event("planned", plan=plan.to_json())

    def tell(self, news: ApplyEvent) -> None:
        """Hear of a version that was written, or of a look."""
        if isinstance(news, Version):
            self._event("pushed", version=str(news))
            return
        picture = _picture(news)
        now = time.monotonic()
        if picture != self._told or now - self._when >= HEARTBEAT:
            event = "progress" if self._told else "waiting"
            self._told, self._when = picture, now
            self._event(event, seconds=round(news.seconds, 1), **picture)

    def close(self) -> None:
        """Nothing is left open."""

    def ended(self, outcome: Outcome | None) -> None:
        """The last event: done, or failed when something is wrong; None when there was nothing to do."""
        if outcome is None:
            self._event("done", outcome="no-changes")
        else:
            self._event("done" if outcome.succeeded else "failed", **_outcome(outcome))

    def failed(self, error: PacemakerOsError) -> None:
        """The last event of an apply that was refused, or broke off."""
        problems = [asdict(problem) for problem in error.problems]
        self._event("failed", outcome="refused", error=error.code, problems=problems)

    def _event(self, event: str, **content: Any) -> None:
        self._write(json.dumps({"event": event, **content}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _picture(look: Progress) -> dict[str, Any]:
    """What can be seen on the way: what runs, and what is still to be done with the scheduler's reasons."""
    return {
        "running": list(look.running),
        "remaining": [asdict(action) for action in look.actions],
        "settled": look.settled,
        "stalled": look.stalled,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": "rolled-back" if outcome.rolled_back else "done" if outcome.succeeded else "failed",
        "version": str(outcome.version),
        "settled": outcome.settled,
        "remaining": list(outcome.remaining),
        "verdict": asdict(outcome.verdict),
        "history": outcome.record.id if outcome.record else None,
        "warnings": list(outcome.warnings),
    }
