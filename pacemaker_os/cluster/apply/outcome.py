"""Options, events and the outcome of an apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.verify import Verdict
from pacemaker_os.cluster.apply.wait import Progress
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Recorded:
    """The apply is in the history, and is about to be written: the id of its record."""

    record: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """The CIB was written: its new version, and the id of the apply in the history."""

    version: Version
    record: str


@dataclass(frozen=True, slots=True)
class RollingBack:
    """The rollback of the apply `record` begins, because of a failure or of the signal `interrupted`."""

    record: str
    interrupted: str = ""


@dataclass(frozen=True, slots=True)
class LostNode:
    """A node that left the cluster during the wait, what it ran before, and whether it is online again."""

    node: str
    services: tuple[str, ...]
    returned: bool = False


#: An event during an apply: its record, a write, the progress of the cluster, or the start of a rollback.
ApplyEvent = Recorded | Pushed | Progress | RollingBack

EventHandler = Callable[[ApplyEvent], None]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """Whether to wait for the cluster to settle, the timeout in seconds, and the reaction to a failure.

    A signal counts as a failure.
    """

    wait: bool = True
    timeout: float = 600.0
    rollback_on_failure: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an apply.

    `settled` is None if pcs-os did not wait for the cluster. `remaining` are the actions that were pending
    when the wait ended. `rolled_back` is whether the change was rolled back. `interrupted` is the signal that
    ended the wait. `removed` is False if resources were only stopped that should be removed. `lost_nodes`
    left the cluster during the wait. `conditions` are those under which the change has no effect, or may be
    lost.
    """

    plan: Plan
    version: Version
    record: Record | None
    settled: bool | None = None
    remaining: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    rolled_back: bool = False
    warnings: tuple[str, ...] = ()
    interrupted: str = ""
    removed: bool = True
    lost_nodes: tuple[LostNode, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the change is in place and no new problem was found."""
        in_place = self.removed and not self.rolled_back and not self.interrupted
        return in_place and self.settled is not False and self.verdict.passed
