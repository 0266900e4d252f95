"""Lookups that several checks need: the resources of a configuration, and their settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nvsets import NvPair, NvSet
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.values import boolean
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A primitive with the resources that contain it."""

    primitive: Primitive
    group: Group | None = None
    clone: Clone | None = None
    bundle: Bundle | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """The primitives, templates and collective resources of a configuration, by id."""

    cib: Cib
    places: dict[str, Place] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    clones: dict[str, Clone] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    @classmethod
    def of(cls, cib: Cib) -> Index:
        """Return the index of `cib`."""
        index = cls(cib)
        for each in cib.resources:
            if isinstance(each, Template):
                index.templates[each.id or ""] = each
            clone = each if isinstance(each, Clone) else None
            if clone is not None:
                index.clones[clone.id or ""] = clone
            inner = clone.child if clone is not None else each
            if isinstance(inner, Primitive):
                index.places[inner.id or ""] = Place(inner, clone=clone)
            elif isinstance(inner, Group):
                index.groups[inner.id or ""] = inner
                for member in inner.members:
                    index.places[member.id or ""] = Place(member, group=inner, clone=clone)
            elif isinstance(inner, Bundle) and inner.primitive is not None:
                index.places[inner.primitive.id or ""] = Place(inner.primitive, bundle=inner)
        return index

    def agent_class(self, primitive: Primitive) -> str | None:
        """Return the class of the agent of a primitive or of its template, None if it is unknown."""
        template = self.templates.get(primitive.template or "")
        return primitive.class_ or (template.class_ if template else None)

    @property
    def fencing_disabled(self) -> bool:
        """Whether the configuration disables fencing."""
        names = ("stonith-enabled", "fencing-enabled")
        values = [pair.value for pair in pairs(self.cib.property_sets) if pair.name in names]
        return bool(values) and boolean(values[0] or "") is False


def pairs(sets: tuple[NvSet, ...]) -> Iterator[NvPair]:
    """Yield the pairs of all sets."""
    for nvset in sets:
        yield from nvset.nvpairs


def find(sets: tuple[NvSet, ...], *names: str) -> NvPair | None:
    """Return the first pair with one of the names and a value."""
    return next((pair for pair in pairs(sets) if pair.name in names and pair.value is not None), None)


def is_true(sets: tuple[NvSet, ...], name: str) -> bool:
    """Return whether a setting is true."""
    pair = find(sets, name)
    return pair is not None and boolean(pair.value or "") is True
