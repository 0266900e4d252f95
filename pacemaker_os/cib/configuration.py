"""The configuration of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, cast

from lxml import etree

from pacemaker_os.cib import xml
from pacemaker_os.cib.administration import AclGroup, AclRole, AclTarget, Alert, FencingLevel, Tag
from pacemaker_os.cib.constraints import Colocation, Location, Order, Ticket
from pacemaker_os.cib.element import Element, Opaque
from pacemaker_os.cib.ids import Ids, taken
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import OperationDefaults, PropertySet, ResourceDefaults
from pacemaker_os.cib.parser import CibError, parse_xml
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.schema import with_roles_of
from pacemaker_os.cib.table import children, layout
from pacemaker_os.dataclass import dataclass

#: Sections that the schema requires, even if they are empty.
_REQUIRED = ("crm_config", "nodes", "resources", "constraints")


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

    @classmethod
    def from_xml(cls, data: bytes | str) -> Cib:
        """Parse a `<cib>` or a `<configuration>`. The status is ignored.

        Raises:
            CibError: `data` is not XML, or not a CIB.
        """
        try:
            return cls.from_element(parse_xml(data))
        except (etree.XMLSyntaxError, ValueError) as error:
            raise CibError(f"invalid XML: {error}") from error

    @classmethod
    def from_element(cls, root: etree._Element) -> Cib:
        """Return the model of a `<cib>` or a `<configuration>` element. The status is ignored.

        Raises:
            CibError: `root` is neither.
        """
        if root.tag == "cib":
            configuration = root.find("configuration")
            attributes = xml.pairs(root)
        elif root.tag == "configuration":
            configuration, attributes = root, ()
        else:
            raise CibError(f"not a CIB: expected <cib> or <configuration>, found <{root.tag}>")
        if configuration is None:
            raise CibError("the <cib> has no <configuration>")
        return replace(_read_configuration(configuration), attributes=attributes)

    def to_xml(self) -> str:
        """Return the `<configuration>` as indented text, with generated ids where they are missing."""
        return xml.indented(self.to_element())

    def to_element(self) -> etree._Element:
        """Return the `<configuration>` with all ids, and with the names of roles in its schema."""
        cib = with_roles_of(self.validate_with, self).with_ids()
        root = etree.Element("configuration")
        root.extend(etree.Comment(text) for text in cib.comments)
        for name, value in cib.unknown_attributes:
            root.set(name, value)
        for spec in layout(Cib).children:
            objects = getattr(cib, spec.field)
            opaque = [each for each in cib.opaque if each.section == spec.section]
            if objects or opaque or spec.section in _REQUIRED:
                section = etree.SubElement(root, spec.section or "")
                for element in (*objects, *opaque):
                    xml.append(section, element)
        root.extend(etree.fromstring(text) for text in cib.unknown_elements)
        return root

    def with_ids(self) -> Cib:
        """Return this CIB with an id for each element that requires one."""
        return Ids(self.taken_ids()).complete(self)

    def taken_ids(self) -> set[str]:
        """Return the ids in this CIB that must be unique."""
        return taken(self, *self.opaque)


def _read_configuration(node: etree._Element) -> Cib:
    sections = {spec.section: spec for spec in layout(Cib).children}
    found: dict[str, tuple[Element, ...]] = {}
    opaque: list[Opaque] = []
    unknown: list[str] = []
    comments: list[str] = []
    for section in node:
        spec = sections.get(str(section.tag))
        if spec is None:
            (comments if isinstance(section, etree._Comment) else unknown).append(xml.verbatim(section))
            continue
        known, unknown_objects, section_comments = xml.read_children(
            section, {cls.tag: cls for cls in spec.classes}
        )
        found[spec.field] = found.get(spec.field, ()) + tuple(known)
        comments += section_comments
        opaque += [
            Opaque(section=section.tag, tag=str(each.tag), id=each.get("id"), xml=xml.verbatim(each))
            for each in unknown_objects
        ]
    return Cib(
        **cast("Any", found),
        comments=tuple(comments),
        opaque=tuple(opaque),
        unknown_attributes=xml.pairs(node),
        unknown_elements=tuple(unknown),
    )
