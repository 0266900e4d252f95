"""Check promotable clones and constraints on promotion."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Colocation, Location, Order, Ticket
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive
from pacemaker_os.cib.values import boolean, role
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import origin_of

#: Meta attributes that only promotable clones have.
_PROMOTION_LIMITS = ("promoted-max", "promoted-node-max", "master-max", "master-node-max")


def check_promotion(cib: Cib) -> Iterator[LintFinding]:
    """Yield promoted roles without a monitor, and promotion of resources that cannot be promoted."""
    never_promoted = {each.id or "" for each in cib.resources if isinstance(each, Primitive | Group)}
    for resource in cib.resources:
        if isinstance(resource, Bundle) or not isinstance(resource, Clone):
            continue
        if _is_promotable(resource):
            yield from _check_monitors(resource)
        else:
            never_promoted.add(resource.id or "")
            yield from _check_limits(resource)
    for constraint in cib.constraints:
        for name, role_or_action in _promotions(constraint):
            if name in never_promoted:
                message = f"'{role_or_action}' has no effect in this constraint: '{name}' is never promoted"
                yield LintFinding(origin_of(constraint), message, "never-promoted")


def _is_promotable(clone: Clone) -> bool:
    return any(
        pair.name == "promotable" and boolean(pair.value or "")
        for nvset in clone.meta_attributes
        for pair in nvset.nvpairs
    )


def _check_monitors(clone: Clone) -> Iterator[LintFinding]:
    child = clone.child
    if not isinstance(child, Primitive) or child.operations is None:
        return
    monitors = [each for each in child.operations.operations if each.name == "monitor"]
    if monitors and not any(role(each.role or "") == "Promoted" for each in monitors):
        message = f"no monitor covers the Promoted role of '{child.id}'; add one with `role: Promoted`"
        yield LintFinding(origin_of(clone), message, "no-promoted-monitor", is_warning=True)


def _check_limits(clone: Clone) -> Iterator[LintFinding]:
    for nvset in clone.meta_attributes:
        for pair in nvset.nvpairs:
            if pair.name in _PROMOTION_LIMITS:
                message = f"'{pair.name}' applies only to promotable clones; use `promotable:`"
                yield LintFinding(pair.origin or origin_of(clone), message, "ignored", is_warning=True)


def _promotions(constraint: Element) -> Iterator[tuple[str, str]]:
    """Yield each resource that a constraint requires to be promoted, with the action or role."""
    for each in getattr(constraint, "sets", ()):
        word = each.action if isinstance(constraint, Order) else each.role
        if word in ("promote", "demote") or role(word or "") == "Promoted":
            yield from ((member.id or "", word or "") for member in each.members)
    if isinstance(constraint, Order):
        for name, action in (
            (constraint.first, constraint.first_action),
            (constraint.then, constraint.then_action),
        ):
            if name and action in ("promote", "demote"):
                yield name, action
    elif isinstance(constraint, Colocation):
        for name, role_or_action in (
            (constraint.rsc, constraint.rsc_role),
            (constraint.with_rsc, constraint.with_rsc_role),
        ):
            if name and role(role_or_action or "") == "Promoted":
                yield name, role_or_action or ""
    elif isinstance(constraint, Ticket) and constraint.rsc:
        if role(constraint.rsc_role or "") == "Promoted":
            yield constraint.rsc, constraint.rsc_role or ""
    elif isinstance(constraint, Location) and constraint.rsc:
        for name in (constraint.role, *(rule.role for rule in constraint.rules)):
            if role(name or "") == "Promoted":
                yield constraint.rsc, name or ""
