"""What a person should know of a state, and which command comes next; each rule is a function, in RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from pacemaker_os.status.findings import documents, fencing, nodes, services
from pacemaker_os.status.findings import overrides as holds
from pacemaker_os.status.values import Finding, Severity, State

#: Every rule, in the order in which findings of one severity are told.
RULES: tuple[Callable[[State], Iterable[Finding]], ...] = (
    nodes.cluster,
    nodes.lost,
    fencing.failed,
    services.stopped,
    services.troubled,
    services.failed_and_running,
    services.degraded,
    fencing.missing,
    nodes.away,
    holds.held,
    documents.drifted,
    fencing.done,
)


def find(state: State) -> Iterator[Finding]:
    """Yield the findings, the worst first."""
    found = [finding for rule in RULES for finding in rule(state)]
    yield from sorted(found, key=lambda finding: get_args(Severity).index(finding.severity))
