"""Why an effect happens: the operation that asked for it, or what it follows.

The scheduler gives reasons in its own words only; which operation lies behind is worked out here from
the constraints of the planned configuration. It is shown to people and decides nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from lxml import etree

from pacemaker_os.plan.effects import Cause, Effect
from pacemaker_os.plan.operation import Operation
from pacemaker_os.plan.text import from_text

#: What the scheduler says of an action that another one needs: `required vip start`.
_REQUIRED = re.compile(r"(?:required|unrunnable) (\S+) \w+")

#: Kinds of operations that may reach every resource.
_GLOBAL = ("property", "resource default", "operation default", "node attribute", "node utilization")

#: Verbs that a constraint is more likely behind than a resource's own parameters.
_PLACING = frozenset({"move", "migrate", "stop", "left stopped"})

_DONE = {"add": "added", "change": "changed", "remove": "removed"}


class Causes:
    """Explains the effects of one plan."""

    def __init__(self, configuration: etree._Element, operations: Sequence[Operation]) -> None:
        self._operations = [operation for operation in operations if not operation.is_memory]
        resources = [each for each in configuration.iterfind("resources/*") if isinstance(each.tag, str)]
        for operation in self._operations:
            if operation.section == "resources" and operation.old is not None:
                resources.append(from_text(operation.old))
        self._family = _families(resources)
        self._bundles = {each.get("id") for each in resources if each.tag == "bundle"}
        self._direct: dict[str, list[Operation]] = defaultdict(list)
        for operation in self._operations:
            for name in _names(operation):
                self._direct[name].append(operation)
        self._leads = _leads(configuration)

    def explain(self, effect: Effect) -> Cause:
        """The nearest reason that a person can act upon."""
        names = _each_once(self._names_of(effect.resource), self._names_of(effect.service))
        if operation := self._first(names, effect.verb):
            because = _because(operation)
            told = effect.verb == "left stopped" and effect.reason
            return replace(because, text=f"{effect.reason} ({because.text})") if told else because
        if followed := self._followed(effect, names):
            return followed
        for operation in self._operations:
            if operation.kind in _GLOBAL:
                return _because(operation)
        return Cause(effect.reason or "scheduler decision")

    def _first(self, names: Iterable[str], verb: str) -> Operation | None:
        """The operation that names one of these, of the section that most likely has this effect."""
        found = [operation for name in names for operation in self._direct.get(name, ())]
        whole = next(
            (each for each in found if each.section == "resources" and each.action != "change"), None
        )
        section = "constraints" if verb in _PLACING else "resources"
        return whole or min(found, key=lambda each: each.section != section, default=None)

    def _names_of(self, resource: str) -> tuple[str, ...]:
        """What an operation may call this resource, its own name first."""
        name = resource.split(":")[0]
        return _each_once([name], self._family.get(name, ()), self._bundle(name))

    def _bundle(self, name: str) -> Iterator[str]:
        """Of a bundle's implied resources (NAME-podman-0, NAME-0, NAME-ip-…) the bundle."""
        while "-" in name:
            name = name.rpartition("-")[0]
            if name in self._bundles:
                yield from self._family[name]
                return

    def _followed(self, effect: Effect, names: Sequence[str]) -> Cause | None:
        """The nearest resource that this one depends on and that an operation names."""
        seen, queue = set(names), deque((name, "", "") for name in names)
        if required := _REQUIRED.match(effect.reason):
            queue.extendleft((name, name, "") for name in self._names_of(required[1]))
        while queue:
            name, first, constraint = queue.popleft()
            operation = self._first([name], effect.verb)
            if operation is not None and first:
                how = f" ({constraint})" if constraint else ""
                return Cause(f"follows {first}{how}", operation.origin, operation.key)
            for lead, identifier in self._leads.get(name, ()):
                for each in self._names_of(lead):
                    if each not in seen:
                        seen.add(each)
                        queue.append((each, first or lead, constraint or identifier))
        return None


def _because(operation: Operation) -> Cause:
    what = "" if operation.kind in ("primitive", "clone", "group", "bundle") else f"{operation.kind} "
    if operation.action == "change" and operation.details:
        paths = operation.details[0].path
        more = f" and {len(operation.details) - 1} more" if len(operation.details) > 1 else ""
        place = operation.name if paths == "value" else f"{operation.name} {paths}{more}"
        return Cause(f"{what}{place} changed", operation.origin, operation.key)
    return Cause(f"{what}{operation.name} {_DONE[operation.action]}", operation.origin, operation.key)


def _each_once(*names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order in which they come: a cause must be the same each time."""
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def _families(resources: Iterable[etree._Element]) -> dict[str, tuple[str, ...]]:
    """Of every resource its own name, those around it, and the template that it is made after."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in resources:
        for each in resource.iter("primitive", "group", "clone", "master", "bundle", "template"):
            name = each.get("id", "")
            outer = [str(parent.get("id")) for parent in each.iterancestors() if parent.get("id")]
            template = filter(None, [each.get("template")])
            found[name] = _each_once(found.get(name, ()), [name], outer, template)
    return found


def _names(operation: Operation) -> Iterator[str]:
    """The resources that an operation speaks of."""
    for text in (operation.new, operation.old):
        if text is None or operation.section not in ("resources", "constraints"):
            continue
        element = from_text(text)
        if operation.section == "resources":
            yield from (
                str(each.get("id"))
                for each in element.iter("primitive", "group", "clone", "bundle", "template")
            )
            continue
        # Of an order or a colocation, the one that depends is the one that something happens to.
        yield from (str(element.get(name)) for name in ("rsc", "then") if element.get(name))
        yield from (str(each.get("id")) for each in element.iter("resource_ref"))


def _leads(configuration: etree._Element) -> dict[str, list[tuple[str, str]]]:
    """What each resource depends on, with the constraint that says so."""
    leads: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for constraint in configuration.iterfind("constraints/*"):
        identifier = constraint.get("id", "")
        for then, first in (("then", "first"), ("rsc", "with-rsc")):
            if constraint.get(then) and constraint.get(first):
                leads[str(constraint.get(then))].append((str(constraint.get(first)), identifier))
        members = [str(each.get("id")) for each in constraint.iter("resource_ref")]
        for first, then in pairwise(members):
            leads[then].append((first, identifier))
    for group in configuration.iter("group"):
        members = [str(each.get("id")) for each in group.iterchildren("primitive")]
        for first, then in pairwise(members):
            leads[then].append((first, f"group {group.get('id')}"))
    return leads
