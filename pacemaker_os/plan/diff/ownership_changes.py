"""The changes of ownership in a plan: the objects that get another owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any, Literal, get_args

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import OPERATOR_META
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.item import KINDS, items
from pacemaker_os.plan.diff.ownership import override_of, recorded_keys

#: adopt: an unowned object gets an owner. take-over: an object changes its owner. release: an object stays
#: without an owner. remove: an object of another document is removed. forget: an object was gone already.
OwnershipAction = Literal["adopt", "take-over", "release", "remove", "forget"]

#: Kinds of keys that contain the name of a node.
NODE_KINDS = ("node-attribute", "node-utilization")

ACTIONS: tuple[OwnershipAction, ...] = get_args(OwnershipAction)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipChange:
    """An object whose owner changes from the document `before` to the document `after`; empty: unowned."""

    action: OwnershipAction
    key: str
    kind: str
    name: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        """Return the change as JSON data."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OwnershipChange:
        """Read the output of `to_json`. Raises KeyError or ValueError for something else."""
        action = next((each for each in ACTIONS if each == data["action"]), None)
        if action is None:
            raise ValueError(f"unknown change of ownership {data['action']!r}")
        texts = {name: str(data[name]) for name in ("key", "kind", "name", "before", "after")}
        return cls(action=action, **texts)


def ownership_changes(
    configuration: etree._Element, changes: Iterable[ConfigChange], document: str
) -> tuple[OwnershipChange, ...]:
    """Return the objects whose owner the changes to a `<configuration>` change.

    Not listed are objects that the plan of `document` adds for it, and its own objects that it removes: they
    are changes of the configuration. The result depends on nothing else than the changes, so that it is
    complete also for a saved plan or a rollback.
    """
    changes = list(changes)
    records = [change for change in changes if change.is_ownership]
    if not records:
        return ()
    found = list(_compare(_Objects(configuration, changes), records, document))
    return tuple(sorted(found, key=lambda each: (ACTIONS.index(each.action), each.before, each.after)))


def owner_entries(changes: Iterable[ConfigChange]) -> Iterator[str]:
    """Yield how many existing objects each document gained or lost, as `document site: 2 more objects`."""
    changes = list(changes)
    added = {change.key for change in changes if change.action == "add"}
    removed = {change.key for change in changes if change.action == "remove"}
    for record in changes:
        if record.is_ownership:
            old, new = (
                {key for key in _keys(text) if override_of(key) is None} for text in (record.old, record.new)
            )
            counts = {"more": len(new - old - added), "fewer": len(old - new - removed)}
            parts = [f"{count} {word} object{'s' * (count != 1)}" for word, count in counts.items() if count]
            if parts:
                yield f"document {record.name}: {', '.join(parts)}"


def _compare(objects: _Objects, records: Iterable[ConfigChange], document: str) -> Iterator[OwnershipChange]:
    before, after = dict[str, str](), dict[str, str]()
    for record in records:
        old, new = _keys(record.old), _keys(record.new)
        before |= dict.fromkeys(sorted(old - new), record.name)
        after |= dict.fromkeys(sorted(new - old), record.name)
    for key in dict.fromkeys((*before, *after)):
        old_owner, new_owner = before.get(key, ""), after.get(key, "")
        existed, exists = objects.state(key)
        if override_of(key) is not None and not (existed and exists):
            # The resource and the document show what happens to the value.
            continue
        action: OwnershipAction
        if not existed:
            if exists and not old_owner and new_owner == document:
                continue
            action = "take-over" if old_owner and new_owner else "adopt" if new_owner else "forget"
        elif not exists:
            if old_owner == document:
                continue
            action = "remove"
        else:
            action = "take-over" if old_owner and new_owner else "adopt" if new_owner else "release"
        kind, name = objects.title(key)
        yield OwnershipChange(action=action, key=key, kind=kind, name=name, before=old_owner, after=new_owner)


def _keys(text: str | None) -> frozenset[str]:
    return frozenset() if text is None else recorded_keys(from_text(text).get("value") or "")


class _Objects:
    """The objects before and after the changes, by key. The configuration is read only if necessary."""

    def __init__(self, configuration: etree._Element, changes: Iterable[ConfigChange]) -> None:
        self._configuration = configuration
        self._changes = {change.key: change for change in changes if not change.is_ownership}
        self._removed = {change.key for change in changes if change.action == "remove"}
        self._added = {change.key for change in changes if change.action == "add"}

    @cached_property
    def _items(self) -> dict[str, tuple[str, str]]:
        found = items(Cib.from_element(self._configuration))
        return {key: (item.kind, item.name) for key, item in found.items()}

    @cached_property
    def _overrides(self) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """The overrides of resources before and after the changes."""
        before = set(_overrides(self._configuration))
        changed = [change for change in self._changes.values() if change.section == "resources"]
        old, new = (
            [from_text(text) for text in texts if text is not None]
            for texts in ([each.old for each in changed], [each.new for each in changed])
        )
        replaced = {resource.get("id") for element in old for resource in element.iter(*RESOURCE_TAGS)}
        unchanged = {(resource, name) for resource, name in before if resource not in replaced}
        return before, unchanged.union(*map(_overrides, new))

    def state(self, key: str) -> tuple[bool, bool]:
        """Return whether an object exists before and after the changes."""
        override = override_of(key)
        if override is not None:
            before, after = self._overrides
            return override in before, override in after
        if key in self._changes:
            # A set that moves behind others is removed and added.
            added, removed = key in self._added, key in self._removed
            return removed or not added, added or not removed
        existed = key in self._items
        return existed, existed

    def title(self, key: str) -> tuple[str, str]:
        """Return the kind and the name of an object; those of its key if the cluster does not have it."""
        override = override_of(key)
        if override is not None:
            return "override", " ".join(override)
        if change := self._changes.get(key):
            return change.kind, change.name
        if key in self._items:
            return self._items[key]
        kind, _, name = key.partition(":")
        if kind in NODE_KINDS:
            name = name.replace(":", " ", 1)
        return KINDS.get(kind, kind.replace("-", " ")), name


def _overrides(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the resource and the name of each override in an element."""
    for resource in element.iter(*RESOURCE_TAGS):
        for pair in resource.iterfind("meta_attributes/nvpair"):
            if pair.get("name") in OPERATOR_META:
                yield resource.get("id", ""), pair.get("name", "")
