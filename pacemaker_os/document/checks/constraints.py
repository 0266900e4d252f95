"""Check constraints."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.constraints import Colocation, Location, Order
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Bundle, Primitive
from pacemaker_os.cib.values import integer, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import all_elements, origin_of
from pacemaker_os.text import did_you_mean


def check_locations(cib: Cib) -> Iterator[LintFinding]:
    """Yield nodes in location constraints that a document with `nodes` does not declare."""
    # Pacemaker compares names of nodes without regard to case.
    known = {node.uname.lower(): node.uname for node in cib.nodes if node.uname}
    hosts = {name.lower() for each, _ in all_elements(cib) for name in _host_names(each)}
    for constraint in cib.constraints:
        if not isinstance(constraint, Location) or constraint.node is None or not known:
            continue
        near = did_you_mean(constraint.node, known.values())
        if constraint.node.lower() not in known.keys() | hosts:
            remedy = near or "; it is not declared under `nodes`"
            message = f"unknown node '{constraint.node}'{remedy}"
            yield LintFinding(origin_of(constraint), message, "unknown-node", is_warning=not near)


def _host_names(element: object) -> Iterator[str]:
    """Yield the names of the nodes that a resource is: a remote node, a guest node, or bundle replicas."""
    if isinstance(element, Primitive) and element.id:
        yield element.id
    elif isinstance(element, Bundle) and element.container is not None:
        replicas = integer(element.container.replicas or element.container.promoted_max or "1") or 1
        yield from (f"{element.id}-{number}" for number in range(min(replicas, _MOST_REPLICAS)))
    elif isinstance(element, NvPair) and element.name == "remote-node" and element.value:
        yield element.value


#: Further replicas are not checked.
_MOST_REPLICAS = 1000


def check_ends(cib: Cib) -> Iterator[LintFinding]:
    """Yield constraints of a resource with itself, and colocations without effect."""
    for constraint in cib.constraints:
        if isinstance(constraint, Order) and constraint.first is not None:
            same = constraint.first == constraint.then
            if same and constraint.first_action == constraint.then_action:
                message = f"'{constraint.first}' cannot be ordered after itself"
                yield LintFinding(origin_of(constraint), message, "self-reference")
        if isinstance(constraint, Colocation):
            if constraint.rsc is not None and constraint.rsc == constraint.with_rsc:
                message = f"'{constraint.rsc}' cannot be colocated with itself"
                yield LintFinding(origin_of(constraint), message, "self-reference")
            if not constraint.sets and score(constraint.score or "0") == 0:
                message = "a colocation without a score, or with score 0, has no effect"
                yield LintFinding(origin_of(constraint), message, "ignored", is_warning=True)


def check_roles(cib: Cib) -> Iterator[LintFinding]:
    """Yield location constraints whose role Pacemaker ignores because they have rules."""
    for constraint in cib.constraints:
        if isinstance(constraint, Location) and constraint.role is not None and constraint.rules:
            message = "Pacemaker ignores 'role' next to 'rules'; set 'role' in the rule"
            yield LintFinding(origin_of(constraint), message, "ignored", is_warning=True)
