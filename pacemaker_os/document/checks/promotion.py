"""Checks of promotable clones."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.constraints import Colocation, Location, Order
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive
from pacemaker_os.cib.values import boolean, role
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.walk import origin_of


def _is_promotable(clone: Clone) -> bool:
    return any(
        pair.name == "promotable" and boolean(pair.value or "")
        for nvset in clone.meta_attributes
        for pair in nvset.nvpairs
    )


def check_promotion(cib: Cib) -> Iterator[LintFinding]:
    """A promotable clone whose promoted instance nobody watches; promotion of what cannot be promoted."""
    promotable: set[str] = set()
    plain: set[str] = set()
    for resource in cib.resources:
        if isinstance(resource, Bundle) or not isinstance(resource, Clone):
            continue
        (promotable if _is_promotable(resource) else plain).add(resource.id or "")
        child = resource.child
        if not _is_promotable(resource):
            for nvset in resource.meta_attributes:
                for pair in nvset.nvpairs:
                    if pair.name in ("promoted-max", "promoted-node-max", "master-max", "master-node-max"):
                        said = f"'{pair.name}' counts for promotable clones alone; say `promotable:`"
                        yield LintFinding(
                            pair.origin or origin_of(resource), said, "ignored", is_warning=True
                        )
        elif isinstance(child, Primitive) and child.operations is not None:
            monitors = [each for each in child.operations.operations if each.name == "monitor"]
            if monitors and not any(role(each.role or "") == "Promoted" for each in monitors):
                said = f"nobody watches the promoted '{child.id}': it has no monitor with `role: Promoted`"
                yield LintFinding(origin_of(resource), said, "no-promoted-monitor", is_warning=True)
    singles = {each.id or "" for each in cib.resources if isinstance(each, Primitive | Group)}
    never = plain | singles
    for constraint in cib.constraints:
        for name, word in _promotions(constraint):
            if name in never:
                said = f"'{name}' is never promoted, so a constraint that says '{word}' of it does nothing"
                yield LintFinding(origin_of(constraint), said, "never-promoted")


def _promotions(constraint: Element) -> Iterator[tuple[str, str]]:
    """Yield resources that a constraint wants promoted, demoted, or in a promoted role."""
    if isinstance(constraint, Order):
        for name, action in (
            (constraint.first, constraint.first_action),
            (constraint.then, constraint.then_action),
        ):
            if name and action in ("promote", "demote"):
                yield name, action
    elif isinstance(constraint, Colocation):
        for name, word in (
            (constraint.rsc, constraint.rsc_role),
            (constraint.with_rsc, constraint.with_rsc_role),
        ):
            if name and role(word or "") == "Promoted":
                yield name, word or ""
    elif isinstance(constraint, Location) and constraint.rsc and role(constraint.role or "") == "Promoted":
        yield constraint.rsc, constraint.role or ""
