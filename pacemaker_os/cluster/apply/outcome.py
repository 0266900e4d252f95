"""Options, events and the outcome of an apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.verify import Verdict
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.store.history import Record
from pacemaker_os.plan.plan import Plan

#: An event during an apply: the CIB version that was written, or the progress of the cluster.
ApplyEvent = Version | Progress

EventHandler = Callable[[ApplyEvent], None]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """Whether to wait for the cluster to settle, the timeout in seconds, and the reaction to a failure."""

    wait: bool = True
    timeout: float = 600.0
    rollback_on_failure: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an apply.

    `settled` is None if pcs-os did not wait for the cluster. `remaining` are the actions that were pending
    when the wait ended. `rolled_back` is whether the change was rolled back.
    """

    plan: Plan
    version: Version
    record: Record | None
    settled: bool | None = None
    remaining: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    rolled_back: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the change is in place and no new problem was found."""
        return self.settled is not False and self.verdict.passed and not self.rolled_back
