"""What leaves the configuration, and what must leave with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pacemaker_os.cib.overrides import is_operator_constraint
from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem, holding, resource_ids


def removals(
    olds: Mapping[str, Item],
    wanted: Iterable[DesiredItem],
    stay: Collection[str],
    mine: Collection[str],
    *,
    authoritative: bool,
) -> dict[str, Item]:
    """The items that go, by key: what is the document's own and no longer said, and what that entails.

    `stay` are the keys of what is wanted, `mine` of what the document owns. An authoritative document
    removes also what nobody owns and nobody keeps. Raises InputError.
    """
    rest = {key: old for key, old in olds.items() if key not in stay and old.managed_by != "cluster"}
    gone = {key: old for key, old in rest.items() if key in mine or (authoritative and not old.managed_by)}
    gone |= _displaced(wanted, {key: old for key, old in rest.items() if key not in gone})
    gone |= _pointers({key: old for key, old in rest.items() if key not in gone}, gone)
    return gone


def _displaced(wanted: Iterable[DesiredItem], rest: Mapping[str, Item]) -> dict[str, Item]:
    """What must go because its resources are wanted elsewhere: a primitive that becomes a clone's, say.

    Raises InputError when it holds more than is wanted elsewhere: nobody said what becomes of that.
    """
    ids_of = {each.item.key: resource_ids(each.item.element) for each in wanted}
    ids: frozenset[str] = frozenset().union(*ids_of.values())
    found = {item.key: item for item in holding(ids, rest.values())}
    problems = []
    for item in found.values():
        inside = resource_ids(item.element) - {item.name}
        more = sorted(inside - ids)
        if more:
            by = next(each for each in wanted if ids_of[each.item.key] & inside)
            message = (
                f"the cluster has this in {item.kind} '{item.name}' together with {', '.join(more)}, "
                "which the document does not say; say them too, or remove them first"
            )
            problems.append(by.problem(message, "displaced"))
    if problems:
        raise InputError(problems)
    return found


def _pointers(rest: Mapping[str, Item], leaving: Mapping[str, Item]) -> dict[str, Item]:
    """An operator's bans and moves of resources that leave: they would point nowhere."""
    gone = frozenset().union(*(resource_ids(old.element) for old in leaving.values()))
    return {
        key: old
        for key, old in rest.items()
        if is_operator_constraint(old.element) and getattr(old.element, "rsc", None) in gone
    }
