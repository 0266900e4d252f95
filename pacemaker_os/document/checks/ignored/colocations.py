"""Check colocations that contradict each other, or the members of a group."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pacemaker_os.cib import Cib
from pacemaker_os.cib.constraints import Colocation
from pacemaker_os.cib.resources import Group
from pacemaker_os.cib.values import INFINITY, boolean, role, score
from pacemaker_os.document.checks.finding import LintFinding
from pacemaker_os.document.checks.ignored.index import Index, find
from pacemaker_os.document.checks.walk import origin_of


def check_colocations(cib: Cib) -> Iterator[LintFinding]:
    """Yield colocations that keep a resource from running anywhere."""
    index = Index.of(cib)
    position: dict[str, tuple[str, int]] = {}
    for group in index.groups.values():
        if _is_collocated(group):
            position |= {each.id or "": (group.id or "", at) for at, each in enumerate(group.members)}
    together: dict[frozenset[str], Colocation] = {}
    apart: dict[frozenset[str], Colocation] = {}
    for constraint in cib.constraints:
        if not isinstance(constraint, Colocation) or constraint.node_attribute is not None:
            continue
        weight = score(constraint.score or "0") or 0
        for name, other in _pairs(constraint):
            one, two = position.get(name), position.get(other)
            same_group = one is not None and two is not None and one[0] == two[0]
            if weight == -INFINITY and same_group and one is not None:
                later = max(name, other, key=lambda each: position[each][1])
                message = (
                    f"'{later}' cannot run: group '{one[0]}' places '{name}' and '{other}' on the same node, "
                    "and this colocation on different nodes"
                )
                yield LintFinding(origin_of(constraint), message, "contradiction")
            elif same_group and one is not None and two is not None and one[1] < two[1] and weight > 0:
                message = (
                    f"'{name}' precedes '{other}' in group '{one[0]}', which places '{other}' with '{name}'; "
                    "this colocation is against that order"
                )
                yield LintFinding(origin_of(constraint), message, "against-group", is_warning=True)
            if abs(weight) == INFINITY:
                (together if weight > 0 else apart).setdefault(frozenset((name, other)), constraint)
    for pair in together.keys() & apart.keys():
        names = " and ".join(f"'{name}'" for name in sorted(pair))
        message = f"{names} must and must not run on the same node"
        later_constraint = max(together[pair], apart[pair], key=_line)
        yield LintFinding(origin_of(later_constraint), message, "contradiction")


def _line(constraint: Colocation) -> int:
    return constraint.origin.line if constraint.origin else 0


def _pairs(constraint: Colocation) -> Iterator[tuple[str, str]]:
    """Yield the resources of which the first depends on the second, in any role."""
    roles = (constraint.rsc_role, constraint.with_rsc_role)
    in_any_role = all(role(each or "Started") == "Started" for each in roles)
    if constraint.rsc and constraint.with_rsc and in_any_role:
        yield constraint.rsc, constraint.with_rsc
    for each in constraint.sets:
        if each.role is None and boolean(each.sequential or "true"):
            members = [member.id or "" for member in each.members]
            # Each member depends on the previous one.
            yield from ((other, name) for name, other in combinations(members, 2))


def _is_collocated(group: Group) -> bool:
    pair = find(group.meta_attributes, "collocated")
    return pair is None or boolean(pair.value or "") is not False
