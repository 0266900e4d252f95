"""Location, colocation, order and ticket constraints (Pacemaker Explained, "Constraints").

The role Started has the same meaning as no role. In a rule, however, Pacemaker 2.1 then matches no node.
"""

from __future__ import annotations

from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.rules import Rule
from pacemaker_os.cib.table import attr, child, children, generated_id, member_id, reference
from pacemaker_os.cib.values import ACTION, BOOLEAN, INTEGER, NODE, RESOURCE, ROLE, SCORE, one_of
from pacemaker_os.dataclass import dataclass

KIND = one_of("Optional", "Mandatory", "Serialize")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRef(Element):
    """A reference to a resource in a set."""

    tag: ClassVar[str] = "resource_ref"

    id: str | None = member_id(RESOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSet(Element):
    """Resources that a constraint treats in the same way."""

    tag: ClassVar[str] = "resource_set"

    id: str | None = generated_id()
    id_ref: str | None = reference()
    sequential: str | None = attr(BOOLEAN, default="true")
    require_all: str | None = attr(BOOLEAN, default="true")
    ordering: str | None = attr(one_of("group", "listed"))
    action: str | None = attr(ACTION)
    role: str | None = attr(ROLE, default="Started")
    score: str | None = attr(SCORE)
    kind: str | None = attr(KIND)
    members: tuple[ResourceRef, ...] = children(ResourceRef, key="resources", form="names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime(Element):
    """Rules that limit the time of a constraint; removed in schema 4.0."""

    tag: ClassVar[str] = "lifetime"

    rules: tuple[Rule, ...] = children(Rule, key="rules", form="rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Constraint(Element):
    section: ClassVar[str] = "constraints"

    id: str | None = generated_id()


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(_Constraint):
    """Preference of a resource, a pattern or resource sets for a node, or for the nodes that match a rule."""

    tag: ClassVar[str] = "rsc_location"

    rsc: str | None = attr(RESOURCE, key="resource")
    rsc_pattern: str | None = attr(key="pattern")
    role: str | None = attr(ROLE, default="Started")
    node: str | None = attr(NODE)
    score: str | None = attr(SCORE)
    resource_discovery: str | None = attr(
        one_of("always", "never", "exclusive"), key="discovery", default="always"
    )
    sets: tuple[ResourceSet, ...] = children(ResourceSet, key="sets", form="sets", ordered=False)
    rules: tuple[Rule, ...] = children(Rule, key="rules", form="rules", ordered=False)
    lifetime: Lifetime | None = child(Lifetime, key="lifetime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colocation(_Constraint):
    """Preference of a resource for the node of another resource."""

    tag: ClassVar[str] = "rsc_colocation"

    rsc: str | None = attr(RESOURCE, key="resource")
    rsc_role: str | None = attr(ROLE, key="role", default="Started")
    with_rsc: str | None = attr(RESOURCE, key="with")
    with_rsc_role: str | None = attr(ROLE, key="with-role", default="Started")
    score: str | None = attr(SCORE)
    influence: str | None = attr(BOOLEAN)
    node_attribute: str | None = attr(default="#uname")
    # In schemas before 3.0, and in unreleased schemas.
    rsc_instance: str | None = attr(INTEGER)
    with_rsc_instance: str | None = attr(INTEGER)
    lifetime: Lifetime | None = child(Lifetime, key="lifetime")
    sets: tuple[ResourceSet, ...] = children(ResourceSet, key="sets", form="sets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(_Constraint):
    """Order of two actions."""

    tag: ClassVar[str] = "rsc_order"

    first: str | None = attr(RESOURCE)
    first_action: str | None = attr(ACTION, default="start")
    then: str | None = attr(RESOURCE)
    then_action: str | None = attr(ACTION)
    kind: str | None = attr(KIND)
    score: str | None = attr(SCORE)
    symmetrical: str | None = attr(BOOLEAN)
    require_all: str | None = attr(BOOLEAN, default="true")
    first_instance: str | None = attr(INTEGER)
    then_instance: str | None = attr(INTEGER)
    lifetime: Lifetime | None = child(Lifetime, key="lifetime")
    sets: tuple[ResourceSet, ...] = children(ResourceSet, key="sets", form="sets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket(_Constraint):
    """Dependency of a resource on a ticket."""

    tag: ClassVar[str] = "rsc_ticket"

    rsc: str | None = attr(RESOURCE, key="resource")
    rsc_role: str | None = attr(ROLE, key="role", default="Started")
    ticket: str | None = attr(required=True)
    loss_policy: str | None = attr(one_of("stop", "demote", "fence", "freeze"))
    sets: tuple[ResourceSet, ...] = children(ResourceSet, key="sets", form="sets", ordered=False)
