"""Utilization of resources that their agents write, such as the memory of a virtual machine.

It is cluster-maintained, like dc-version: never drift, never exported, never removed. `cib.maintained` lists
the names and the parameters that enable or disable them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.maintained import MAINTAINED, RESOURCE_UTILIZATION, Maintained
from pacemaker_os.cib.overrides import with_resources, without
from pacemaker_os.cib.resources import Primitive, Template
from pacemaker_os.cib.values import boolean
from pacemaker_os.dataclass import dataclass

E = TypeVar("E", bound=Element)

Templates = Mapping[str | None, Template]

_ROWS = tuple(row for row in MAINTAINED if row.kind == RESOURCE_UTILIZATION)


def templates_of(resources: Iterable[Element]) -> Templates:
    """Return the templates of a configuration by their ids."""
    return {each.id: each for each in resources if isinstance(each, Template)}


def maintained_names(primitive: Primitive, templates: Templates) -> frozenset[str]:
    """Return the names of the utilization that the agent of a primitive writes."""
    return frozenset(row.pattern for row in _rows(primitive, templates))


@dataclass(frozen=True, slots=True)
class WrittenUtilization:
    """The value `name` of a resource, which its agent `writer` maintains."""

    resource: str
    name: str
    value: str
    writer: str

    @property
    def description(self) -> str:
        """The value for people."""
        return f"{RESOURCE_UTILIZATION} {self.resource} {self.name} ({self.writer})"


def written_utilization(resources: Iterable[Element]) -> Iterator[WrittenUtilization]:
    """Yield the utilization that the agents of resources maintain."""
    listed = list(resources)
    templates = templates_of(listed)
    for primitive in (each for resource in listed for each in _primitives(resource)):
        writers = {row.pattern: row.writer for row in _rows(primitive, templates)}
        for pair in (pair for nvset in primitive.utilization for pair in nvset.nvpairs):
            if pair.name is not None and pair.name in writers:
                resource = primitive.id or ""
                yield WrittenUtilization(resource, pair.name, pair.value or "", writers[pair.name])


def without_written_utilization(element: E, templates: Templates) -> E:
    """Return a resource, and those inside it, without the utilization that their agents write."""
    if isinstance(element, Primitive) and element.utilization:
        names = maintained_names(element, templates)
        if names:
            return replace(element, utilization=without(element.utilization, names))
    return with_resources(element, lambda inside: without_written_utilization(inside, templates))


def with_written_utilization(element: E, live: Element, templates: Templates) -> E:
    """Return a desired resource with the utilization that agents wrote into the live one."""
    known = {each.id: each for each in _primitives(live)}

    def completed(inside: Element) -> Element:
        other = known.get(inside.id) if isinstance(inside, Primitive) else None
        if not isinstance(inside, Primitive) or other is None:
            return with_resources(inside, completed)
        names = maintained_names(inside, templates)
        if not names or not any(pair.name in names for nvset in other.utilization for pair in nvset.nvpairs):
            return inside
        own = without(inside.utilization, names)
        written = tuple(
            replace(nvset, nvpairs=tuple(pair for pair in nvset.nvpairs if pair.name in names))
            for nvset in other.utilization
        )
        if own and written and own[0].rule is None and own[0].score == written[0].score:
            pairs = (*own[0].nvpairs, *(pair for nvset in written for pair in nvset.nvpairs))
            return replace(inside, utilization=(replace(own[0], nvpairs=pairs), *own[1:]))
        return replace(inside, utilization=(*own, *(each for each in written if each.nvpairs)))

    result: Any = completed(element)
    completed_element: E = result
    return completed_element


def _rows(primitive: Primitive, templates: Templates) -> Iterator[Maintained]:
    template = templates.get(primitive.template)
    agent = primitive.agent or (template.agent if template is not None else None)
    for row in _ROWS:
        if row.agent == agent and any(
            _is_enabled(primitive, template, name, default=default) for name, default in row.parameters
        ):
            yield row


def _is_enabled(primitive: Primitive, template: Template | None, name: str, *, default: bool) -> bool:
    """Return whether a parameter can be true; a set with a rule may apply or not."""
    for owner in (primitive, template):
        values = [
            boolean(pair.value or "") is True
            for nvset in (owner.instance_attributes if owner is not None else ())
            for pair in nvset.nvpairs
            if pair.name == name
        ]
        if values:
            return any(values)
    return default


def _primitives(element: Element | None) -> Iterator[Primitive]:
    if isinstance(element, Primitive):
        yield element
        return
    for inside in (
        *getattr(element, "members", ()),
        getattr(element, "child", None),
        getattr(element, "primitive", None),
    ):
        if isinstance(inside, Element):
            yield from _primitives(inside)
