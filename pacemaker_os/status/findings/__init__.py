"""Findings: diagnosed problems of a cluster, each with the next command. A rule is a function in RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from pacemaker_os.status.finding import Finding, Severity
from pacemaker_os.status.findings import (
    changing,
    documents,
    fencing,
    membership,
    node_health,
    nodes,
    overrides,
    probes,
    services,
    stopped,
    storage,
    verification,
)
from pacemaker_os.status.findings.excerpts import with_excerpt
from pacemaker_os.status.values import State

Rule = Callable[[State], Iterable[Finding]]

#: Rules about each node itself. They apply even if the connected node is not part of the cluster.
NODE_RULES: tuple[Rule, ...] = (
    membership.view,
    membership.starting,
    node_health.daemons,
    storage.cib_on_disk,
    membership.outdated,
    node_health.duplicates,
    storage.space,
    node_health.pcsd,
    node_health.links,
    node_health.clocks,
    membership.unchecked,
)

#: Every other rule, in the order in which findings of the same severity are reported.
RULES: tuple[Rule, ...] = (
    nodes.cluster,
    nodes.unclean,
    fencing.gave_up_on,
    fencing.failed,
    changing.changing,
    stopped.stopped,
    services.impaired,
    services.failed_and_running,
    services.degraded,
    probes.kept_off,
    fencing.missing,
    fencing.uncovered,
    fencing.never_tested,
    nodes.unavailable,
    nodes.unhealthy,
    verification.verified,
    overrides.overridden,
    documents.drifted,
    fencing.done,
    documents.gone,
)

#: Findings that a cluster that starts has until its services run. With a reason, they are reported.
_WHILE_STARTING = {"no-dc", "node-pending", "service-stopped", "services-stopped", "service-not-promoted"}


def find(state: State) -> Iterator[Finding]:
    """Yield the findings, the most severe first."""
    rules = (*NODE_RULES, *RULES) if state.health.is_current else NODE_RULES
    found = [with_excerpt(finding, state) for rule in rules for finding in rule(state)]
    if any(finding.code == "cluster-starting" for finding in found):
        found = [each for each in found if each.reason or each.code not in _WHILE_STARTING]
    yield from sorted(found, key=lambda finding: get_args(Severity).index(finding.severity))
