"""Findings: diagnosed problems of a cluster, each with the next command. A rule is a function in RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from pacemaker_os.status.finding import Finding, Severity
from pacemaker_os.status.findings import (
    changing,
    documents,
    fencing,
    nodes,
    overrides,
    services,
    stopped,
    verification,
)
from pacemaker_os.status.values import State

#: Every rule, in the order in which findings of the same severity are reported.
RULES: tuple[Callable[[State], Iterable[Finding]], ...] = (
    nodes.cluster,
    nodes.unclean,
    fencing.failed,
    changing.changing,
    stopped.stopped,
    services.impaired,
    services.failed_and_running,
    services.degraded,
    fencing.missing,
    nodes.unavailable,
    verification.verified,
    overrides.overridden,
    documents.drifted,
    fencing.done,
    documents.gone,
)


def find(state: State) -> Iterator[Finding]:
    """Yield the findings, the most severe first."""
    found = [finding for rule in RULES for finding in rule(state)]
    yield from sorted(found, key=lambda finding: get_args(Severity).index(finding.severity))
