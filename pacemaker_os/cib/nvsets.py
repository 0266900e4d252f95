"""Sets of name-value pairs: parameters, meta attributes, utilization, properties, defaults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import attr, child, children, generated_id, identifier, reference
from pacemaker_os.cib.values import SCORE, score
from pacemaker_os.dataclass import dataclass

#: The property set that takes precedence over all others, regardless of their scores.
FIRST_PROPERTY_SET = "cib-bootstrap-options"


@dataclass(frozen=True, slots=True, kw_only=True)
class NvPair(Element):
    """A name and its value. Pacemaker ignores a pair without a value. `id_ref` refers to another pair."""

    tag: ClassVar[str] = "nvpair"

    id: str | None = generated_id()
    id_ref: str | None = reference()
    name: str | None = attr()
    value: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class NvSet(Element):
    """Pairs that apply while `rule` matches.

    The set with the highest score takes precedence; of sets with equal scores, the last one (see `ranked`).
    """

    id: str | None = generated_id()
    id_ref: str | None = reference()
    score: str | None = attr(SCORE)
    rule: Rule | None = child(Rule, key="where", form="rule")
    nvpairs: tuple[NvPair, ...] = children(NvPair, key="values", form="nvpairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceAttributes(NvSet):
    """Parameters of an agent, or attributes of a node."""

    tag: ClassVar[str] = "instance_attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaAttributes(NvSet):
    """Options that control how the cluster treats a resource, an operation or an alert."""

    tag: ClassVar[str] = "meta_attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilization(NvSet):
    """Capacity that a node provides or a resource requires."""

    tag: ClassVar[str] = "utilization"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertySet(NvSet):
    """Cluster properties."""

    tag: ClassVar[str] = "cluster_property_set"
    section: ClassVar[str] = "crm_config"

    id: str | None = identifier()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDefaults(NvSet):
    """Default meta attributes of resources."""

    tag: ClassVar[str] = "meta_attributes"
    section: ClassVar[str] = "rsc_defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationDefaults(NvSet):
    """Default options of operations."""

    tag: ClassVar[str] = "meta_attributes"
    section: ClassVar[str] = "op_defaults"


def nvsets(cls: type[NvSet], key: str) -> tuple[NvSet, ...]:
    """Declare any number of sets of one class, with a document key."""
    declared: tuple[NvSet, ...] = children(cls, key=key, form="nvsets")
    return declared


S = TypeVar("S", bound=NvSet)


def ranked(sets: Iterable[S]) -> list[S]:
    """Return sets of one kind in the order of their precedence: Pacemaker uses the first value of a name.

    A higher score takes precedence. Of sets with equal scores, Pacemaker uses the one that comes last in the
    CIB, for properties, defaults, resources and nodes alike: it puts each set in front of a list, which it
    then sorts by score (`pcmk__cmp_nvpair_blocks()` in 3.0; measured with 2.1.5).
    """
    listed = list(sets)
    listed.reverse()
    first = _first(reversed(listed))
    listed.sort(key=lambda nvset: (nvset is not first, -(score(nvset.score or "0") or 0)))
    return listed


def _first(sets: Iterable[NvSet]) -> NvSet | None:
    """Return the property set that precedes all others: the one with the id, or the one that will get it."""
    properties = [nvset for nvset in sets if isinstance(nvset, PropertySet)]
    for name in (FIRST_PROPERTY_SET, None):
        for nvset in properties:
            if nvset.id == name:
                return nvset
    return None
