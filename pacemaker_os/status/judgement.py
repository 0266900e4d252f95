"""The judgement of a service: one state from one table, for every view of a cluster.

A view never derives a state of its own: status, watch, report, metrics and apply show the state that the
judgement has, with its text.
"""

from __future__ import annotations

from typing import Literal

from pacemaker_os.dataclass import dataclass
from pacemaker_os.status.finding import Severity
from pacemaker_os.text import fold

Name = Literal[
    "running",
    "held",
    "degraded",
    "partial",
    "starting",
    "stopping",
    "not-promoted",
    "waiting",
    "cannot-run",
    "hanging",
    "blocked",
    "unmanaged-down",
    "orphaned",
    "stopped",
    "cluster-starting",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """The meaning of a state: how bad it is, and whether the service does its work in this state."""

    serves: bool
    severity: Severity | None = None


#: Every state of a service. `serves` is whether at least one instance does its work, and `severity` is that
#: of the findings about the state; None means that the state needs no finding.
STATES: dict[Name, Kind] = {
    # All instances run that should.
    "running": Kind(True),
    # It runs, but an operator holds it: it is unmanaged or in maintenance mode.
    "held": Kind(True, "notice"),
    # It runs, but its monitor reports a problem.
    "degraded": Kind(True, "warning"),
    # It runs on some nodes, and failed or hangs on others.
    "partial": Kind(True, "warning"),
    # It is being started, recovered, moved or promoted.
    "starting": Kind(False, "warning"),
    "stopping": Kind(False, "notice"),
    # It runs, but no instance is promoted.
    "not-promoted": Kind(False, "critical"),
    # It is down because a service that it needs does not run yet, or any longer.
    "waiting": Kind(False, "critical"),
    # The cluster finds no node for it, or gave up.
    "cannot-run": Kind(False, "critical"),
    # It ran on a node whose state is unknown until the node is fenced.
    "hanging": Kind(False, "critical"),
    # Pacemaker takes no action on it until an operator does.
    "blocked": Kind(False, "critical"),
    # It is down, and the cluster may not start it.
    "unmanaged-down": Kind(False, "critical"),
    # It runs but is no longer configured.
    "orphaned": Kind(True, "warning"),
    # An operator or a document stopped it.
    "stopped": Kind(False),
    # The cluster has no designated controller yet.
    "cluster-starting": Kind(False, "warning"),
    "unknown": Kind(False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The state of a service, with what it is based on.

    `failed_on` are the nodes where it failed and is not retried until an operator acts or the failure
    expires, `hangs_on` the nodes of unknown state that ran it, and `waits_for` the services that it needs
    and that do not run. `text` completes a sentence that begins with the name of the service.
    """

    state: Name = "unknown"
    text: str = ""
    failed_on: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def serves(self) -> bool:
        """Whether at least one instance does its work."""
        return STATES[self.state].serves

    @property
    def severity(self) -> Severity | None:
        """The severity of the state, or None if it needs no finding."""
        return STATES[self.state].severity

    @property
    def is_well(self) -> bool:
        """Whether all instances of the service run that should, and nothing holds it."""
        return self.state == "running"


UNKNOWN = Judgement()


def hanging_text(nodes: tuple[str, ...]) -> str:
    """Return what is known about instances on nodes of unknown state."""
    verb = "is" if len(set(nodes)) == 1 else "are"
    return f"hangs on {fold(nodes)}, whose state is unknown, until {fold(nodes)} {verb} fenced"
