"""Checks of constraints."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.constraints import Colocation, Location, Order
from pacemaker_os.cib.resources import Primitive
from pacemaker_os.cib.values import score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements, origin_of
from pacemaker_os.text import did_you_mean


def check_locations(cib: Cib) -> Iterator[LintFinding]:
    """Nodes that the document does not name, though it names nodes."""
    known = {node.uname for node in cib.nodes if node.uname}
    hosts = {each.id for each, _, _ in all_elements(cib) if isinstance(each, Primitive)}
    for constraint in cib.constraints:
        if not isinstance(constraint, Location) or constraint.node is None or not known:
            continue
        near = did_you_mean(constraint.node, known)
        if constraint.node not in known and constraint.node not in hosts:
            said = f"'nodes' has no '{constraint.node}'{near}"
            yield LintFinding(origin_of(constraint), said, "unknown-node", is_warning=not near)


def check_ends(cib: Cib) -> Iterator[LintFinding]:
    """Constraints of a resource with itself, and colocations that weigh nothing."""
    for constraint in cib.constraints:
        if isinstance(constraint, Order) and constraint.first is not None:
            same = constraint.first == constraint.then
            if same and constraint.first_action == constraint.then_action:
                yield LintFinding(
                    origin_of(constraint), f"'{constraint.first}' cannot wait for itself", "itself"
                )
        if isinstance(constraint, Colocation):
            if constraint.rsc is not None and constraint.rsc == constraint.with_rsc:
                said = f"'{constraint.rsc}' is always where it is"
                yield LintFinding(origin_of(constraint), said, "itself")
            if not constraint.sets and score(constraint.score or "0") == 0:
                said = "a colocation with no score, or the score 0, does nothing"
                yield LintFinding(origin_of(constraint), said, "ignored", is_warning=True)
