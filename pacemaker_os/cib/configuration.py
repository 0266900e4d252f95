"""The configuration of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pacemaker_os.cib.administration import AclGroup, AclRole, AclTarget, Alert, FencingLevel, Tag
from pacemaker_os.cib.constraints import Colocation, Location, Order, Ticket
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import OperationDefaults, PropertySet, ResourceDefaults
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.table import children, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque(Element):
    """An object without a class in this model. Its XML is preserved."""

    # In this class, the section and the tag differ between instances.
    section: str  # type: ignore[misc]
    tag: str  # type: ignore[misc]
    id: str | None
    xml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cib(Element):
    """A configuration. `attributes` are those of the <cib> element (validate-with, epoch, ...)."""

    tag: ClassVar[str] = "configuration"

    attributes: tuple[tuple[str, str], ...] = ()
    property_sets: tuple[PropertySet, ...] = children(PropertySet, key="", section="crm_config")
    resource_defaults: tuple[ResourceDefaults, ...] = children(
        ResourceDefaults, key="", section="rsc_defaults"
    )
    operation_defaults: tuple[OperationDefaults, ...] = children(
        OperationDefaults, key="", section="op_defaults"
    )
    nodes: tuple[Node, ...] = children(Node, key="", section="nodes")
    resources: tuple[Element, ...] = children(
        Primitive, Template, Group, Clone, Bundle, key="", section="resources"
    )
    constraints: tuple[Element, ...] = children(
        Location, Colocation, Order, Ticket, key="", section="constraints"
    )
    acls: tuple[Element, ...] = children(AclTarget, AclGroup, AclRole, key="", section="acls")
    fencing_levels: tuple[FencingLevel, ...] = children(FencingLevel, key="", section="fencing-topology")
    tags: tuple[Tag, ...] = children(Tag, key="", section="tags")
    alerts: tuple[Alert, ...] = children(Alert, key="", section="alerts")
    opaque: tuple[Opaque, ...] = ()

    @property
    def validate_with(self) -> str | None:
        """The schema of the CIB, such as `pacemaker-3.9`, or None."""
        return dict(self.attributes).get("validate-with")

    def objects(self) -> Iterator[Element]:
        """Yield the objects of all sections, in the order of the sections."""
        for spec in layout(Cib).children:
            yield from getattr(self, spec.field)
        yield from self.opaque
