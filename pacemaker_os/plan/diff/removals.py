"""The items that a plan removes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pacemaker_os.errors import InputError
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem, holding, resource_ids


def removals(
    live_items: Mapping[str, Item],
    desired: Iterable[DesiredItem],
    matched: Collection[str],
    own_keys: Collection[str],
    *,
    authoritative: bool,
    protected: Collection[str] = (),
) -> dict[str, Item]:
    """Return the items to remove, by key.

    These are items that the document owns but no longer declares, and items that cannot stay without them.
    `matched` are the keys of live items that the document declares, `own_keys` those that it owns. An
    authoritative document also removes other items, except for `protected` ones, for overrides and for
    cluster-maintained ones.

    Raises:
        InputError: A resource cannot move out of its group or clone.
    """
    rest = {
        key: item for key, item in live_items.items() if key not in matched and item.managed_by != "cluster"
    }
    removed = {
        key: item
        for key, item in rest.items()
        if key in own_keys or (authoritative and not item.managed_by and key not in protected)
    }
    removed |= _former_containers(desired, {key: item for key, item in rest.items() if key not in removed})
    return removed


def _former_containers(desired: Iterable[DesiredItem], rest: Mapping[str, Item]) -> dict[str, Item]:
    """Return the items whose resources the document declares elsewhere, such as a primitive in a new clone.

    Raises:
        InputError: Such an item also contains resources that the document does not declare.
    """
    ids_of = {each.item.key: resource_ids(each.item.element) for each in desired}
    ids: frozenset[str] = frozenset().union(*ids_of.values())
    found = {item.key: item for item in holding(ids, rest.values())}
    problems = []
    for item in found.values():
        inside = resource_ids(item.element) - {item.name}
        more = sorted(inside - ids)
        if more:
            cause = next(each for each in desired if ids_of[each.item.key] & inside)
            message = (
                f"cannot move this resource out of {item.kind} '{item.name}': it also contains "
                f"{', '.join(more)}, which the document does not declare; declare them or remove them first"
            )
            problems.append(cause.problem(message, "undeclared-members"))
    if problems:
        raise InputError(problems)
    return found
