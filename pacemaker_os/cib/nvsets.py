"""Sets of name-value pairs: parameters, meta attributes, utilization, properties, defaults."""

# ruff: noqa: RUF009 - child() declares a field, as dataclasses.field() does.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import attr, child, children, generated_id, identifier, reference
from pacemaker_os.cib.values import SCORE

#: The property set that Pacemaker reads before all others, whatever their scores.
FIRST_PROPERTY_SET = "cib-bootstrap-options"


@dataclass(frozen=True, slots=True, kw_only=True)
class NvPair(Element):
    """A name and its value. Without a value Pacemaker passes it over; `id_ref` stands for another pair."""

    tag: ClassVar[str] = "nvpair"

    id: str | None = generated_id()
    id_ref: str | None = reference()
    name: str | None = attr()
    value: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class NvSet(Element):
    """Pairs that hold while `rule` does. Of several sets, the one with the higher score says a name first."""

    id: str | None = generated_id()
    id_ref: str | None = reference()
    score: str | None = attr(SCORE)
    rule: Rule | None = child(Rule, key="where", form="rule")
    nvpairs: tuple[NvPair, ...] = children(NvPair, key="values", form="nvpairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceAttributes(NvSet):
    """Parameters that an agent gets; of a node, its attributes."""

    tag: ClassVar[str] = "instance_attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaAttributes(NvSet):
    """What the cluster itself does with its owner."""

    tag: ClassVar[str] = "meta_attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utilization(NvSet):
    """Capacities that a node has or a resource needs."""

    tag: ClassVar[str] = "utilization"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertySet(NvSet):
    """Cluster properties."""

    tag: ClassVar[str] = "cluster_property_set"
    section: ClassVar[str] = "crm_config"

    id: str | None = identifier()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDefaults(NvSet):
    """Meta attributes of every resource that does not say otherwise."""

    tag: ClassVar[str] = "meta_attributes"
    section: ClassVar[str] = "rsc_defaults"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationDefaults(NvSet):
    """Options of every operation that does not say otherwise."""

    tag: ClassVar[str] = "meta_attributes"
    section: ClassVar[str] = "op_defaults"


def nvsets(cls: type[NvSet], key: str) -> tuple[NvSet, ...]:
    """Declare any number of sets of one class, with a document key."""
    declared: tuple[NvSet, ...] = children(cls, key=key, form="nvsets")
    return declared
