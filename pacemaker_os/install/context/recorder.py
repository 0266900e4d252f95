"""Events and changes of a deployment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pacemaker_os.errors import PacemakerOsError

#: Name under which steps that concern the whole cloud, not a single node, are reported.
CLOUD = "cloud"


class DeployFailed(PacemakerOsError):
    """A step failed. The message names the node, the step, the error and the log file."""

    code = "deploy-failed"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Start (`seconds` is None) or successful end of a step on a node."""

    phase: str
    node: str
    step: str
    seconds: float | None


EventHandler = Callable[[StepEvent], None]


@dataclass(slots=True)
class Recorder:
    """Reports steps to `on_event` and collects the changes that were made, as `NODE: WHAT`.

    Steps of several nodes run in parallel; `phase` is the phase that all of them belong to.
    """

    on_event: EventHandler
    logs: Path
    phase: str = ""
    changes: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, node: str, step: str) -> Iterator[None]:
        """Report the start and the successful end of a step. Raises DeployFailed if the step fails."""
        begin = time.monotonic()
        self.report(node, step)
        try:
            yield
        except DeployFailed:
            raise
        except PacemakerOsError as error:
            message = "\n".join(problem.message for problem in error.problems)
            log = self.logs if node == CLOUD else self.logs / f"{node}.log"
            raise DeployFailed(
                f"{node}: {step} failed: {message}. Full output: {log}. "
                "Completed steps are kept; run the same command again to resume"
            ) from error
        self.report(node, step, time.monotonic() - begin)

    def report(self, node: str, step: str, seconds: float | None = None) -> None:
        """Report the start of a step, or its end after `seconds`."""
        self.on_event(StepEvent(self.phase, node, step, seconds))

    def record_change(self, node: str, what: str) -> None:
        """Record a change that was made."""
        self.changes.append(f"{node}: {what}")
