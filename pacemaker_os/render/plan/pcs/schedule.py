"""The order of the commands, and the split between pcs and one patch.

Every command must leave a configuration that Pacemaker accepts, so nothing may refer to an object that does
not exist. The order is: removals, new and changed objects, the patch, and objects that refer to others. A
change that does not fit into it is part of the patch.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from pacemaker_os.cib.tree.patch import make_patch
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.render.plan.pcs import constraints, resources, settings
from pacemaker_os.render.plan.pcs.tokens import Argv, here_document
from pacemaker_os.render.plan.pcs.xml import ids, objects, references, resource_ids

#: Sections whose values pcs writes into a set that it finds or creates: all of its changes by pcs, or none.
_SHARED = ("crm_config", "rsc_defaults", "op_defaults")

#: Maximum length of a command line, in bytes. Linux limits an argument to 128 KiB.
_LONGEST = 65536


@dataclass(frozen=True)
class _Step:
    """A change, its element, and its commands; None if pcs cannot express it."""

    change: ConfigChange
    element: etree._Element
    commands: list[Argv] | None

    @property
    def removes(self) -> bool:
        return self.change.action == "remove"

    @property
    def is_last(self) -> bool:
        """Whether the object is added after all others, because it refers to them."""
        return self.change.action == "add" and self.element.tag in constraints.ADDED_LAST

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(ids(self.element))

    @cached_property
    def references(self) -> frozenset[str]:
        """The ids that the object names, before or after the change."""
        old = references(from_text(self.change.old)) if self.change.old else set()
        return frozenset(old | references(self.element))

    @property
    def shared(self) -> tuple[str, str] | None:
        """The sets that the change shares with others."""
        if self.change.section in _SHARED:
            return self.change.section, ""
        if self.change.section == "nodes":
            return "nodes", dict(self.change.parent_path[1][1]).get("id", "")
        return None


def commands(changes: Sequence[ConfigChange], start: etree._Element) -> Iterator[str]:
    """Yield the shell commands that make the changes in the `<cib>` `start`.

    Raises:
        Conflict: The changes were created for another CIB.
    """
    target = planned(start, changes)
    steps = [_step(change, start, target) for change in changes]
    by_pcs, patched = _split(steps, start, target)
    removals = _ordered(step for step in by_pcs if step.removes)
    last = [step for step in by_pcs if step.is_last]
    for step in (*removals, *(step for step in by_pcs if not step.removes and not step.is_last)):
        yield from map(shlex.join, step.commands or [])
    if patched:
        before = planned(start, [step.change for step in by_pcs if not step.is_last])
        after = planned(before, [step.change for step in patched])
        yield from _patch(before, after)
    for step in last:
        yield from map(shlex.join, step.commands or [])


def _step(change: ConfigChange, start: etree._Element, target: etree._Element) -> _Step:
    element = from_text(change.new or change.old or "")
    found = _commands(change, element, start, target)
    if found is not None and any(len(shlex.join(argv).encode()) > _LONGEST for argv in found):
        found = None
    return _Step(change, element, found)


def _commands(
    change: ConfigChange, element: etree._Element, start: etree._Element, target: etree._Element
) -> list[Argv] | None:
    if change.kind in settings.KINDS:
        return settings.assign(change, element, start)
    if change.section == "resources":
        match change.action:
            case "add":
                return resources.create(element)
            case "change":
                return resources.update(from_text(change.old or ""), element)
            case "remove":
                return resources.delete(element) if _leaves_fencing(element, start, target) else None
    if change.section in ("constraints", "tags", "fencing-topology"):
        if change.action == "remove":
            return constraints.delete(element)
        return constraints.add(element, target) if change.action == "add" else None
    return None


def _leaves_fencing(element: etree._Element, start: etree._Element, target: etree._Element) -> bool:
    """Return whether a removal leaves a fencing device. pcs 0.12 rejects the removal of the last one."""
    if element.get("class") != "stonith":
        return True
    path = "configuration/resources/primitive[@class='stonith']"
    before, after = ({each.get("id") for each in cib.iterfind(path)} for cib in (start, target))
    return bool(before & after)


def _split(
    steps: Iterable[_Step], start: etree._Element, target: etree._Element
) -> tuple[list[_Step], list[_Step]]:
    """Return the steps that pcs can make in the order of this module, and those of the patch."""
    by_pcs = [step for step in steps if step.commands is not None]
    patched = [step for step in steps if step.commands is None]
    target_ids = resource_ids(target)
    live = list(objects(start))
    while True:
        moved = _unfit(by_pcs, patched, live, target_ids)
        if not moved:
            return by_pcs, patched
        chosen = {id(step) for step in moved}
        by_pcs = [step for step in by_pcs if id(step) not in chosen]
        patched += moved


def _unfit(
    by_pcs: Sequence[_Step], patched: Sequence[_Step], live: Sequence[etree._Element], target_ids: set[str]
) -> list[_Step]:
    """Return the steps of pcs that depend on the patch or would be made too early."""
    removed = {(step.element.tag, step.element.get("id")) for step in by_pcs if step.removes}
    stays = [each for each in live if (each.tag, each.get("id")) not in removed]
    referred: set[str] = set().union(*map(references, stays))
    taken: set[str] = set().union(*map(ids, stays))
    shared = {step.shared for step in patched} - {None}
    patch_references: set[str] = set().union(*(step.references for step in patched))
    loops = _loops([step for step in by_pcs if step.removes])
    found = []
    for step in by_pcs:
        if step.shared is not None:
            unfit = step.shared in shared
        elif step.removes:
            moves = step.change.section == "resources" and resource_ids(step.element) & target_ids
            unfit = bool(step.ids & referred or moves or id(step) in loops)
        elif step.is_last:
            unfit = bool(step.ids & patch_references)
        else:
            unfit = step.change.action == "add" and bool(resource_ids(step.element) & taken)
        if unfit:
            found.append(step)
    return found


def _loops(removals: Sequence[_Step]) -> set[int]:
    """Return the removals that refer to each other in a loop."""
    ordered = {id(step) for step in _ordered(removals)}
    return {id(step) for step in removals if id(step) not in ordered}


def _ordered(removals: Iterable[_Step]) -> list[_Step]:
    """Return removals so that references go before what they refer to, without loops."""
    waiting, found = list(removals), []
    while waiting:
        counts: dict[str, int] = {}
        for step in waiting:
            for name in step.references:
                counts[name] = counts.get(name, 0) + 1
        ready = [step for step in waiting if not any(name in counts for name in step.ids)]
        if not ready:
            break
        found += ready
        chosen = {id(step) for step in ready}
        waiting = [step for step in waiting if id(step) not in chosen]
    return found


def _patch(before: etree._Element, after: etree._Element) -> Iterator[str]:
    """Yield the command that turns `before` into `after`. Without a version, Pacemaker accepts any CIB."""
    patch = make_patch(before, after, Version.of(before))
    for header in patch.findall("version"):
        patch.remove(header)
    if len(patch):
        yield here_document(["cibadmin", "--patch", "--xml-pipe"], patch)
