"""Why an effect happens: the operation that asked for it, or what it follows.

The scheduler gives reasons in its own words only; which operation lies behind is worked out here from
its reasons, from what else happens, and from the constraints of the planned configuration. It is shown
to people and decides nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain

from lxml import etree

from pacemaker_os.cib.tree.document_names import place_name
from pacemaker_os.cib.tree.relations import Relation, read_relations
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.prediction.effects import Cause, Effect
from pacemaker_os.plan.prediction.resource_names import (
    each_once,
    names_in_documents,
    referenced_resources,
    resource_aliases,
)

#: What the scheduler says of an action that another one needs: `required vip start`.
_REQUIRED = re.compile(r"(?:required|unrunnable) (\S+) \w+")

#: Kinds of operations that may reach every resource.
_GLOBAL = ("property", "resource default", "operation default")

#: Kinds of operations that may reach what runs, or could run, on one node.
_OF_NODES = ("node attribute", "node utilization")

#: Verbs that keep a resource where it is: no constraint on places is behind them.
_IN_PLACE = frozenset({"restart", "recover", "reload"})

#: Parts of a resource that have a say in where it runs, and in which role.
_PLACING = ("meta.", "utilization.")

_DONE = {"add": "added", "change": "changed", "remove": "removed"}

#: Constraints on where a resource may be.
_LOCATIONS = ("location", "colocation", "ticket")


class Causes:
    """Explains the effects of one plan."""

    def __init__(self, configuration: etree._Element, operations: Sequence[ConfigChange]) -> None:
        self._operations = [operation for operation in operations if not operation.is_ownership]
        resources = [each for each in configuration.iterfind("resources/*") if isinstance(each.tag, str)]
        gone = [
            from_text(operation.old)
            for operation in self._operations
            if operation.section == "resources" and operation.old is not None
        ]
        self._called = names_in_documents(configuration, gone)
        self._family = resource_aliases([*resources, *gone])
        self._bundles = {each.get("id") for each in resources if each.tag == "bundle"}
        self._direct: dict[str, list[ConfigChange]] = defaultdict(list)
        for operation in self._operations:
            for name in referenced_resources(operation):
                self._direct[name].append(operation)
        self._leads: dict[str, list[Relation]] = defaultdict(list)
        for relation in read_relations(configuration):
            if relation.kind == "colocation" or relation.mandatory:
                self._leads[relation.then].append(relation)

    def explain(self, effects: Sequence[Effect]) -> list[Cause]:
        """For each effect the nearest reason that a person can act upon; what follows another says whom.

        A chain of followers is walked to its end: `operation` and `origin` are those of the first of it.
        """
        happening: dict[str, Effect] = {}
        for effect in effects:
            for name in (effect.service, *self._names_of(effect.resource)):
                happening.setdefault(name, effect)
        known: dict[tuple[str, ...], Cause] = {}
        for effect in effects:
            self._walk(effect, happening, known)
        return [known[effect.key] for effect in effects]

    def _walk(
        self, effect: Effect, happening: Mapping[str, Effect], known: dict[tuple[str, ...], Cause]
    ) -> None:
        """Find the cause of an effect, and of all those that it follows."""
        path: list[tuple[Effect, str, str]] = []
        passed: set[str] = set()
        while effect.key not in known:
            passed.update((effect.service, *self._names_of(effect.resource)))
            lead = None if self._is_whole(effect) else self._required(effect, happening, passed)
            if lead is None and (direct := self._asked_for(effect)) is not None:
                known[effect.key] = direct
                break
            if lead is None:
                lead = self._bound(effect, happening, passed)
            if lead is None:
                known[effect.key] = self._at_last(effect)
                break
            path.append((effect, *lead))
            effect = happening[lead[0]]
        root = known[effect.key]
        for follower, name, constraint in reversed(path):
            called = self._called.get(name, name)
            how = f" ({self._bond(constraint)})" if constraint else ""
            known[follower.key] = Cause(f"follows {called}{how}", root.origin, root.change, called)

    def _is_whole(self, effect: Effect) -> bool:
        return self._whole(self._names_of(effect.resource, effect.service)) is not None

    def _whole(self, names: Iterable[str]) -> ConfigChange | None:
        """The operation that adds or removes one of these altogether."""
        found = (operation for name in names for operation in self._direct.get(name, ()))
        return next((each for each in found if each.section == "resources" and each.action != "change"), None)

    def _required(
        self, effect: Effect, happening: Mapping[str, Effect], passed: Set[str]
    ) -> tuple[str, str] | None:
        """Whom the scheduler itself names, if something happens to it; and the constraint that says so."""
        required = _REQUIRED.match(effect.reason)
        if required is None:
            return None
        leads = self._names_of(required[1])
        if not passed.isdisjoint(leads) or not any(lead in happening for lead in leads):
            return None
        for name in self._names_of(effect.resource, effect.service):
            for relation in self._leads.get(name, ()):
                if relation.first in leads and relation.first in happening:
                    return relation.first, relation.constraint
        return next(lead for lead in (*reversed(leads), *leads) if lead in happening), ""

    def _asked_for(self, effect: Effect) -> Cause | None:
        """The operation that has this effect by itself."""
        names = self._names_of(effect.resource, effect.service)
        found = [operation for name in names for operation in self._direct.get(name, ())]
        if (whole := self._whole(names)) is not None:
            return self._told(whole, effect)
        resources = [each for each in found if each.section == "resources"]
        if effect.verb in _IN_PLACE:
            chosen = resources
        else:
            places = [each for each in found if each.kind in _LOCATIONS]
            chosen = sorted(places, key=lambda each: _remoteness(each, effect)) or [
                each
                for each in resources
                if any(part in f".{d.path}" for d in each.details for part in _PLACING)
            ]
        return self._told(chosen[0], effect) if chosen else None

    def _bound(
        self, effect: Effect, happening: Mapping[str, Effect], passed: Set[str]
    ) -> tuple[str, str] | None:
        """Whom it is bound to by a constraint, of those to whom something happens."""
        wanted = "order" if effect.verb in _IN_PLACE else "colocation"
        found = [
            relation
            for name in self._names_of(effect.resource, effect.service)
            for relation in self._leads.get(name, ())
            if relation.first in happening and relation.first not in passed
        ]
        lead = min(found, key=lambda each: each.kind != wanted, default=None)
        return None if lead is None else (lead.first, lead.constraint)

    def _at_last(self, effect: Effect) -> Cause:
        """What may be behind it when nothing nearer is."""
        nodes = {effect.source, effect.node} - {""}
        of_nodes = [each for each in self._operations if each.kind in _OF_NODES]
        near = [each for each in of_nodes if each.name.split(" ")[0] in nodes]
        names = self._names_of(effect.resource, effect.service)
        named = [operation for name in names for operation in self._direct.get(name, ())]
        everywhere = [each for each in self._operations if each.kind in _GLOBAL]
        for operation in (*near, *named):
            return self._told(operation, effect)
        if (followed := self._followed(names)) is not None:
            return followed
        for operation in (*everywhere, *of_nodes):
            return self._told(operation, effect)
        return Cause(effect.reason or "scheduler decision")

    def _followed(self, names: Iterable[str]) -> Cause | None:
        """The nearest one that it depends on and that an operation names, though nothing happens to it."""
        queue = deque((name, "", "") for name in names)
        seen = {name for name, _, _ in queue}
        while queue:
            name, first, constraint = queue.popleft()
            if first and (operations := self._direct.get(name)):
                called = self._called.get(first, first)
                said = min(operations, key=lambda each: each.section != "resources")
                return Cause(f"follows {called} ({self._bond(constraint)})", said.origin, said.key, called)
            for relation in self._leads.get(name, ()):
                for each in self._names_of(relation.first):
                    if each not in seen:
                        seen.add(each)
                        queue.append((each, first or relation.first, constraint or relation.constraint))
        return None

    def _bond(self, constraint: str) -> str:
        """What binds two resources: a constraint by its id, or the group that both are in."""
        return f"group {constraint}" if constraint in self._family else constraint

    def _told(self, operation: ConfigChange, effect: Effect) -> Cause:
        because = _because(operation, self._called)
        told = effect.verb == "cannot-run" and effect.reason
        return replace(because, text=f"{effect.reason} ({because.text})") if told else because

    def _names_of(self, *resources: str) -> tuple[str, ...]:
        """What operations and constraints may call these resources, their own names first."""
        names = [resource.split(":")[0] for resource in resources]
        return each_once(*(chain([name], self._family.get(name, ()), self._bundle(name)) for name in names))

    def _bundle(self, name: str) -> Iterator[str]:
        """Of a bundle's implied resources (NAME-podman-0, NAME-0, NAME-ip-…) the bundle."""
        while "-" in name:
            name = name.rpartition("-")[0]
            if name in self._bundles:
                yield from self._family[name]
                return


def _remoteness(constraint: ConfigChange, effect: Effect) -> tuple[bool, bool, bool]:
    """How little a constraint has to do with an effect, beside others that name the same resource.

    Nothing stops for good because a constraint is gone. One that names a node is about what happens there;
    and of one that is written anew, what is new says more than what is gone.
    """
    gone = constraint.action == "remove"
    told = constraint.new or constraint.old or ""
    there = any(f'node="{node}"' in told for node in (effect.source, effect.node) if node)
    return gone and not effect.node, not there, gone


def _because(operation: ConfigChange, called: Mapping[str, str]) -> Cause:
    what = "" if operation.kind in RESOURCE_TAGS else f"{operation.kind} "
    name = called.get(operation.name, operation.name)
    if operation.action == "change" and operation.details:
        name, paths = place_name(operation.name, operation.details[0].path, called)
        more = f" and {len(operation.details) - 1} more" if len(operation.details) > 1 else ""
        place = name if paths == "value" else f"{name} {paths}{more}"
        return Cause(f"{what}{place} changed", operation.origin, operation.key)
    return Cause(f"{what}{name} {_DONE[operation.action]}", operation.origin, operation.key)
