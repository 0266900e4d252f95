"""The ownership record after a comparison: what the document owns, and what stays with other documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from shlex import quote

from pacemaker_os.cib.overrides import declared_overrides
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import Problem
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem, resource_ids
from pacemaker_os.plan.diff.ownership import Ownership, override_keys, override_resource


@dataclass(frozen=True, slots=True)
class Declared:
    """An item that the document declares.

    `key` is its key after the changes. `live` is the item that it matches, if there is one. `changed`: the
    plan adds or changes it.
    """

    key: str
    desired: DesiredItem
    live: Item | None
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """How a document claims what it declares.

    `adopt` claims unowned items, `take_over` those of other documents. `writes`: the plan changes objects;
    then the document owns every item that it declares. `removed` are the items that the plan removes, and
    `moved` the keys of the items that replace others, by the key of the replaced item.
    """

    ownership: Ownership
    declared: tuple[Declared, ...]
    adopt: bool
    take_over: bool
    writes: bool
    removed: Mapping[str, Item] = field(default_factory=dict)
    moved: Mapping[str, Collection[str]] = field(default_factory=dict)

    @property
    def adoptable(self) -> tuple[str, ...]:
        """The keys of unowned items that match the document."""
        own, others = self.ownership.own, self.ownership.others
        return tuple(
            each.key
            for each in self.declared
            if not each.changed and each.key not in own and each.key not in others
        )

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each declared item that another document owns.

        Two documents may declare the same item as long as neither needs to write anything. With `adopt`, an
        item that needs no change stays with its owner.
        """
        if self.take_over:
            return
        for each in self.declared:
            other = self.ownership.others.get(each.key)
            if other is not None and (each.changed or (self.writes and not self.adopt)):
                yield each.desired.problem(_refusal(each, other), "owned-elsewhere")

    def left(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of declared items that stay with another document, by that document."""
        found: dict[str, list[str]] = {}
        for each in self.declared:
            other = self.ownership.others.get(each.key)
            if other is not None and not self.take_over:
                found.setdefault(other, []).append(each.key)
        return {name: tuple(keys) for name, keys in found.items()}

    def record(self) -> dict[str, frozenset[str]]:
        """Return the keys that each document owns after the changes.

        A document that owns everything that it declares stays as it is. When its record changes anyway, the
        document also owns the unowned items that it declares.
        """
        before = self.ownership.recorded
        everything = self.writes or self.adopt
        after = self._record(everything=everything)
        if everything or all(keys == before.get(name, frozenset()) for name, keys in after.items()):
            return after
        return self._record(everything=True)

    def _record(self, *, everything: bool) -> dict[str, frozenset[str]]:
        claimed = [each for each in self.declared if self._claims(each, everything=everything)]
        keys = {each.key for each in claimed}
        # What other documents declared about resources that are no longer theirs.
        taken = _resources(each.desired.item for each in claimed)
        taken |= _resources(each.live for each in claimed if each.live) | _resources(self.removed.values())
        own = frozenset(keys) | self._overrides(claimed, everything=everything)
        after = {self.ownership.owner: own}
        for name, others in self.ownership.recorded.items():
            if name == self.ownership.owner:
                continue
            staying = {key for key in others - keys if override_resource(key) not in taken}
            replaced = {new for old in staying for new in self.moved.get(old, ())}
            after[name] = frozenset((staying - self.removed.keys() - self.moved.keys()) | replaced)
        return after

    def _claims(self, declared: Declared, *, everything: bool) -> bool:
        if declared.key in self.ownership.own:
            return True
        return self.take_over if declared.key in self.ownership.others else everything

    def _overrides(self, claimed: Iterable[Declared], *, everything: bool) -> frozenset[str]:
        found: set[tuple[str, str]] = set()
        for each in claimed:
            if each.desired.item.section == "resources":
                declared = set(declared_overrides([each.desired.item.element]))
                every = everything or each.key not in self.ownership.own
                found |= declared if every else declared & self.ownership.own_overrides
        return override_keys(found)


def _resources(items: Iterable[Item]) -> set[str]:
    ids = (resource_ids(item.element) for item in items if item.section == "resources")
    return set().union(*ids)


def _refusal(declared: Declared, other: str) -> str:
    if declared.live is None:
        item = declared.desired.item
        return (
            f"cannot add {item.kind} '{item.name}': document '{other}' owns it, although it is gone from the "
            f"cluster; if that document is no longer used, run `pcs-os forget {quote(other)}` with the same "
            "target options, or use --take-over"
        )
    item = declared.live
    if not declared.changed:
        return (
            f"cannot change {item.kind} '{item.name}' to an object of this document: document '{other}' owns "
            "it; remove it from one of the documents, leave it there with --adopt, or use --take-over"
        )
    return (
        f"cannot change {item.kind} '{item.name}': document '{other}' owns it; "
        "change it in that document, or use --take-over"
    )
