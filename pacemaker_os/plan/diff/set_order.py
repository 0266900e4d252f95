"""The order of sets of properties, defaults and node attributes.

Of sets with equal scores, Pacemaker uses the last one (see `cib.nvsets.ranked`). Therefore the order of sets
with the same names has a meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pacemaker_os.cib.meaning import known_names
from pacemaker_os.cib.nvsets import FIRST_PROPERTY_SET, NvPair, NvSet, PropertySet
from pacemaker_os.cib.values import score
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem

#: Sections whose sets are items.
_SECTIONS = ("crm_config", "rsc_defaults", "op_defaults", "nodes")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A set, or a pair of a set without a rule: the names that it sets, and the place that contains it.

    `rank` is the precedence in the document, `precedence` the one in the cluster after the changes; a higher
    value takes precedence. New sets come last, in the order of the document.
    """

    desired: DesiredItem
    place: str
    names: frozenset[str]
    rank: tuple[bool, int, int]
    precedence: tuple[bool, int, int]


def misplaced(
    desired: Sequence[DesiredItem], live: Iterable[Item], live_by_desired: Mapping[int, Item]
) -> set[int]:
    """Return the identities of the desired items that must move behind other sets to take precedence."""
    candidates = [each for each in desired if each.item.section in _SECTIONS]
    if all(isinstance(each.item.element, NvPair) for each in candidates):
        return set()
    units = _units(candidates, list(live), live_by_desired)
    raised: set[int] = set()
    pending = [
        above
        for above in units
        for below in units
        if _outranks(above, below) and above.precedence < below.precedence
    ]
    while pending:
        unit = pending.pop()
        if id(unit.desired) not in raised:
            raised.add(id(unit.desired))
            pending += [above for above in units if _outranks(above, unit)]
    return raised


def _outranks(above: _Unit, below: _Unit) -> bool:
    """Return whether the document gives a set precedence over another one that sets the same names."""
    return above.place == below.place and above.rank > below.rank and not above.names.isdisjoint(below.names)


def _units(
    desired: Sequence[DesiredItem], live: Sequence[Item], live_by_desired: Mapping[int, Item]
) -> list[_Unit]:
    positions = {item.key: number for number, item in enumerate(live)}
    groups = {item.group: item for item in live if isinstance(item.element, NvPair)}
    units = []
    for number, each in enumerate(desired):
        item, existing = each.item, live_by_desired.get(id(each))
        if existing is None and isinstance(item.element, NvPair):
            # A new pair goes into the set that exists.
            existing = groups.get(item.group)
        position = len(live) + number if existing is None else positions[existing.key]
        value = _score(item)
        units.append(
            _Unit(
                desired=each,
                place=f"{item.section} {item.node}",
                names=_names(item),
                rank=(_is_first(item), value, number),
                precedence=(_is_first(existing or item), value, position),
            )
        )
    return units


def _names(item: Item) -> frozenset[str]:
    if isinstance(item.element, NvPair):
        return frozenset({item.key.rpartition(":")[2]})
    if not isinstance(item.element, NvSet):
        return frozenset()
    known = known_names(item.element)
    return frozenset(known.current(pair.name or "") for pair in item.element.nvpairs)


def _is_first(item: Item) -> bool:
    """Return whether an item is in the property set that precedes all others."""
    set_id = dict(item.parent_path[-1][1]).get("id") if isinstance(item.element, NvPair) else item.name
    return item.section == PropertySet.section and set_id == FIRST_PROPERTY_SET


def _score(item: Item) -> int:
    return (score(getattr(item.element, "score", None) or "0") or 0) if isinstance(item.element, NvSet) else 0
