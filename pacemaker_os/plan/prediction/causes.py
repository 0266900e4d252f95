"""The causes of effects: the change that causes an effect directly, or the effect that triggers it.

The scheduler gives a reason for each action, but does not know the changes of a plan. The cause is derived
from this reason, from the other effects, and from the constraints of the planned configuration. It is shown
to people; no decision depends on it.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain

from lxml import etree

from pacemaker_os.cib.tree.document_names import name_in_document
from pacemaker_os.cib.tree.relations import Relation, read_relations
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction.effects import Cause, Effect
from pacemaker_os.plan.prediction.reshaping import find_reshaped
from pacemaker_os.plan.prediction.resource_names import (
    names_in_documents,
    referenced_resources,
    resource_aliases,
    unique,
)

#: The scheduler's reason for an action that another one requires: `required vip start`.
_REQUIRED = re.compile(r"(?:required|unrunnable) (\S+) \w+")

#: Kinds of changes that can affect every resource.
_GLOBAL = ("property", "resource default", "operation default")

#: Kinds of changes that can affect the resources on one node.
_OF_NODES = ("node attribute", "node utilization")

#: Verbs that leave a resource on its node. A constraint on locations does not cause them.
_IN_PLACE = frozenset({"restart", "recover", "reload"})

#: Parts of a resource that influence its node and its role.
_PLACEMENT = ("meta.", "utilization.")

_PARTICIPLES = {"add": "added", "change": "changed", "remove": "removed"}

#: Kinds of constraints on locations.
_LOCATIONS = ("location", "colocation", "ticket")


class Causes:
    """Finds the causes of the effects of one plan."""

    def __init__(self, configuration: etree._Element, changes: Sequence[ConfigChange]) -> None:
        self._changes = [change for change in changes if not change.is_ownership]
        resources = [each for each in configuration.iterfind("resources/*") if isinstance(each.tag, str)]
        former = [
            from_text(change.old)
            for change in self._changes
            if change.section == "resources" and change.old is not None
        ]
        self._document_names = names_in_documents(configuration, former)
        self._reshaped = find_reshaped(self._changes, self._document_names)
        self._aliases = resource_aliases([*resources, *former])
        self._bundles = {each.get("id") for each in resources if each.tag == "bundle"}
        self._direct: dict[str, list[ConfigChange]] = defaultdict(list)
        for change in self._changes:
            for name in referenced_resources(change):
                self._direct[name].append(change)
        self._relations: dict[str, list[Relation]] = defaultdict(list)
        for relation in read_relations(configuration):
            if relation.kind == "colocation" or relation.mandatory:
                self._relations[relation.then].append(relation)

    @property
    def changes(self) -> Sequence[ConfigChange]:
        """The changes of the plan, without those of the ownership record."""
        return self._changes

    def is_certain(self, effect: Effect) -> bool:
        """Return whether the effect itself shows its cause, so that no simulation needs to confirm it.

        That is the case if the change adds, removes or redefines the resource, and if the scheduler names
        the resource that triggers the effect.
        """
        if effect.cause.triggered_by:
            return _REQUIRED.match(effect.reason) is not None
        names = self._names_of(effect.resource, effect.service)
        found = (change for name in names for change in self._direct.get(name, ()))
        own = [each for each in found if each.key == effect.cause.change and each.section == "resources"]
        return any(each.action != "change" or effect.verb in _IN_PLACE for each in own)

    def cause_of(self, change: ConfigChange, effect: Effect) -> Cause:
        """Return a change as the cause of an effect."""
        return self._cause(change, effect)

    def explain(self, effects: Sequence[Effect]) -> list[Cause]:
        """Return the cause of each effect.

        For an effect that another one triggers, `change` and `origin` are those of the first effect in the
        chain.
        """
        by_name: dict[str, Effect] = {}
        for effect in effects:
            for name in (effect.service, *self._names_of(effect.resource)):
                by_name.setdefault(name, effect)
        causes: dict[tuple[str, ...], Cause] = {}
        for effect in effects:
            self._explain_chain(effect, by_name, causes)
        return [causes[effect.key] for effect in effects]

    def _explain_chain(
        self, effect: Effect, by_name: Mapping[str, Effect], causes: dict[tuple[str, ...], Cause]
    ) -> None:
        """Find the cause of an effect, and those of all effects that lead to it."""
        path: list[tuple[Effect, str, str]] = []
        visited: set[str] = set()
        while effect.key not in causes:
            visited.update((effect.service, *self._names_of(effect.resource)))
            trigger = None if self._is_added_or_removed(effect) else self._required(effect, by_name, visited)
            if trigger is None and (direct := self._direct_cause(effect)) is not None:
                causes[effect.key] = direct
                break
            if trigger is None:
                trigger = self._constrained(effect, by_name, visited)
            if trigger is None:
                causes[effect.key] = self._fallback(effect)
                break
            path.append((effect, *trigger))
            effect = by_name[trigger[0]]
        root = causes[effect.key]
        for triggered, name, constraint in reversed(path):
            trigger_name = self._document_names.get(name, name)
            bond = f" ({self._bond(constraint)})" if constraint else ""
            text = f"triggered by {trigger_name}{bond}"
            causes[triggered.key] = Cause(text, root.origin, root.change, trigger_name)

    def _is_added_or_removed(self, effect: Effect) -> bool:
        return self._addition_or_removal(self._names_of(effect.resource, effect.service)) is not None

    def _addition_or_removal(self, names: Iterable[str]) -> ConfigChange | None:
        """Return the change that adds or removes one of these resources."""
        found = (change for name in names for change in self._direct.get(name, ()))
        return next((each for each in found if each.section == "resources" and each.action != "change"), None)

    def _required(
        self, effect: Effect, by_name: Mapping[str, Effect], visited: Set[str]
    ) -> tuple[str, str] | None:
        """Return the resource in the scheduler's reason if it has an effect, and the constraint to it."""
        required = _REQUIRED.match(effect.reason)
        if required is None:
            return None
        triggers = self._names_of(required[1])
        if not visited.isdisjoint(triggers) or not any(name in by_name for name in triggers):
            return None
        for name in self._names_of(effect.resource, effect.service):
            for relation in self._relations.get(name, ()):
                if relation.first in triggers and relation.first in by_name:
                    return relation.first, relation.constraint
        return next(name for name in (*reversed(triggers), *triggers) if name in by_name), ""

    def _direct_cause(self, effect: Effect) -> Cause | None:
        """Return the change that has this effect directly, as a cause."""
        names = self._names_of(effect.resource, effect.service)
        found = [change for name in names for change in self._direct.get(name, ())]
        if (change := self._addition_or_removal(names)) is not None:
            return self._cause(change, effect)
        resources = [each for each in found if each.section == "resources"]
        if effect.verb in _IN_PLACE:
            candidates = resources
        else:
            constraints = [each for each in found if each.kind in _LOCATIONS]
            candidates = sorted(constraints, key=lambda each: _distance(each, effect)) or [
                each
                for each in resources
                if any(part in f".{d.path}" for d in each.details for part in _PLACEMENT)
            ]
        return self._cause(candidates[0], effect) if candidates else None

    def _constrained(
        self, effect: Effect, by_name: Mapping[str, Effect], visited: Set[str]
    ) -> tuple[str, str] | None:
        """Return a resource with an effect that a constraint binds this one to, and the constraint."""
        preferred = "order" if effect.verb in _IN_PLACE else "colocation"
        found = [
            relation
            for name in self._names_of(effect.resource, effect.service)
            for relation in self._relations.get(name, ())
            if relation.first in by_name and relation.first not in visited
        ]
        trigger = min(found, key=lambda each: each.kind != preferred, default=None)
        return None if trigger is None else (trigger.first, trigger.constraint)

    def _fallback(self, effect: Effect) -> Cause:
        """Return the most likely cause if there is neither a direct one nor a trigger."""
        nodes = {effect.source, effect.node} - {""}
        of_nodes = [each for each in self._changes if each.kind in _OF_NODES]
        same_node = [each for each in of_nodes if each.name.split(" ")[0] in nodes]
        names = self._names_of(effect.resource, effect.service)
        named = [change for name in names for change in self._direct.get(name, ())]
        everywhere = [each for each in self._changes if each.kind in _GLOBAL]
        for change in (*same_node, *named):
            return self._cause(change, effect)
        if (dependency := self._changed_dependency(names)) is not None:
            return dependency
        for change in (*everywhere, *of_nodes):
            return self._cause(change, effect)
        return Cause(effect.reason or "scheduler decision")

    def _changed_dependency(self, names: Iterable[str]) -> Cause | None:
        """Return the closest dependency that a change names, although it has no effect itself."""
        queue = deque((name, "", "") for name in names)
        seen = {name for name, _, _ in queue}
        while queue:
            name, first, constraint = queue.popleft()
            if first and (changes := self._direct.get(name)):
                trigger_name = self._document_names.get(first, first)
                change = min(changes, key=lambda each: each.section != "resources")
                text = f"triggered by {trigger_name} ({self._bond(constraint)})"
                return Cause(text, change.origin, change.key, trigger_name)
            for relation in self._relations.get(name, ()):
                for each in self._names_of(relation.first):
                    if each not in seen:
                        seen.add(each)
                        queue.append((each, first or relation.first, constraint or relation.constraint))
        return None

    def _bond(self, constraint: str) -> str:
        """Return what binds two resources: the id of a constraint, or the group of both."""
        return f"group {constraint}" if constraint in self._aliases else constraint

    def _cause(self, change: ConfigChange, effect: Effect) -> Cause:
        shape = self._reshaped.get(effect.resource.split(":")[0])
        if shape is not None and change.key in shape.keys:
            cause = Cause(shape.text, shape.change.origin, shape.change.key)
        else:
            cause = _change_cause(change, self._document_names)
        if effect.verb == "cannot-run" and effect.reason:
            return replace(cause, text=f"{effect.reason} ({cause.text})")
        return cause

    def _names_of(self, *resources: str) -> tuple[str, ...]:
        """Return the names by which changes and constraints may reference these resources."""
        names = [resource.split(":")[0] for resource in resources]
        return unique(*(chain([name], self._aliases.get(name, ()), self._bundle(name)) for name in names))

    def _bundle(self, name: str) -> Iterator[str]:
        """Yield the bundle of an implicit resource (NAME-podman-0, NAME-0, NAME-ip-…)."""
        while "-" in name:
            name = name.rpartition("-")[0]
            if name in self._bundles:
                yield from self._aliases[name]
                return


def _distance(constraint: ConfigChange, effect: Effect) -> tuple[bool, bool, bool]:
    """Return a sort key: how unlikely it is that a constraint causes an effect.

    The removal of a constraint stops nothing permanently. A constraint that names a node affects this node.
    If a constraint is replaced, the new one is the more likely cause.
    """
    removed = constraint.action == "remove"
    xml = constraint.new or constraint.old or ""
    names_node = any(f'node="{node}"' in xml for node in (effect.source, effect.node) if node)
    return removed and not effect.node, not names_node, removed


def _change_cause(change: ConfigChange, document_names: Mapping[str, str]) -> Cause:
    kind = "" if change.kind in RESOURCE_TAGS else f"{change.kind} "
    name = document_names.get(change.name, change.name)
    if change.action == "change" and change.details:
        name, path = name_in_document(change.name, change.details[0].path, document_names)
        more = f" and {len(change.details) - 1} more" if len(change.details) > 1 else ""
        what = name if path == "value" else f"{name} {path}{more}"
        return Cause(f"{kind}{what} changed", change.origin, change.key)
    return Cause(f"{kind}{name} {_PARTICIPLES[change.action]}", change.origin, change.key)
