"""Check constraints that Pacemaker ignores or changes, and constraints that are declared twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Colocation, Order, Ticket
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.resources import Clone
from pacemaker_os.cib.values import boolean, integer, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.index import Index, find, is_true
from pacemaker_os.document.checks.walk import origin_of


def check_ignored_constraints(cib: Cib) -> Iterator[LintFinding]:
    """Yield constraints without effect, on resources inside of others, or declared twice."""
    index = Index.of(cib)
    several = {each.id for each in cib.tags} | set(index.templates)
    first: dict[Hashable, Element] = {}
    for constraint in cib.constraints:
        yield from _duplicate(constraint, first)
        for name in _names(constraint):
            if (outer := _outer(name, index)) is not None:
                message = f"Pacemaker ignores this constraint: '{name}' is inside of '{outer}'; use '{outer}'"
                yield LintFinding(origin_of(constraint), message, "inner-resource")
        for message, code, is_warning in _messages(constraint, index, several):
            yield LintFinding(origin_of(constraint), message, code, is_warning)


def _names(constraint: Any) -> Iterator[str]:
    for field in ("rsc", "with_rsc", "first", "then"):
        if name := getattr(constraint, field, None):
            yield name
    for each in constraint.sets:
        yield from (member.id for member in each.members if member.id)


def _outer(name: str, index: Index) -> str | None:
    """Return the clone or bundle that contains a resource, None for other resources."""
    place = index.places.get(name)
    if place is not None:
        outer = place.clone or place.bundle
        return outer.id if outer is not None else None
    group = index.groups.get(name)
    return next((each.id for each in index.clones.values() if group and each.child is group), None)


def _duplicate(constraint: Element, first: dict[Hashable, Element]) -> Iterator[LintFinding]:
    other = first.setdefault(meaning(constraint), constraint)
    if other is not constraint:
        place = f" on line {other.origin.line}" if other.origin else ""
        message = f"this constraint is the same as the one{place}"
        yield LintFinding(origin_of(constraint), message, "duplicate-constraint", is_warning=True)


def _messages(constraint: Any, index: Index, several: set[str | None]) -> Iterator[tuple[str, str, bool]]:
    match constraint:
        case Colocation(sets=()):
            if constraint.rsc in several and constraint.with_rsc in several:
                message = (
                    f"Pacemaker ignores this constraint: '{constraint.rsc}' and '{constraint.with_rsc}' are "
                    "both tags or templates"
                )
                yield message, "ignored", False
        case Colocation():
            if any(score(each.score or constraint.score or "0") == 0 for each in constraint.sets):
                yield "a colocation without a score, or with score 0, has no effect", "ignored", True
        case Order():
            yield from _order(constraint, index)
        case Ticket(loss_policy="fence") if index.fencing_disabled:
            message = "Pacemaker uses 'stop' for 'loss-policy: fence', because fencing is disabled"
            yield message, "ignored", False


def _order(order: Order, index: Index) -> Iterator[tuple[str, str, bool]]:
    if order.kind == "Serialize" and boolean(order.symmetrical or "false"):
        yield "Pacemaker ignores 'symmetrical' of an order with 'kind: Serialize'", "ignored", True
    first, then = index.clones.get(order.first or ""), index.clones.get(order.then or "")
    if first is None or then is None or not is_true(then.meta_attributes, "interleave"):
        return
    if _instances_per_node(first) != _instances_per_node(then):
        message = (
            f"Pacemaker cannot interleave '{order.first}' and '{order.then}', because their numbers of "
            "instances per node ('clone-node-max') differ"
        )
        yield message, "ignored", True


def _instances_per_node(clone: Clone) -> int:
    pair = find(clone.meta_attributes, "clone-node-max")
    unique = is_true(clone.meta_attributes, "globally-unique")
    return (integer(pair.value or "") or 1) if pair is not None and unique else 1
