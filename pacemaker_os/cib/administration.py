"""Fencing topology, access control, tags and alerts."""

from __future__ import annotations

from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import InstanceAttributes, MetaAttributes, NvSet, nvsets
from pacemaker_os.cib.table import attr, child, children, generated_id, identifier, member_id
from pacemaker_os.cib.values import ID, IDREF, LEVEL, NAME, NODE, one_of
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FencingLevel(Element):
    """Fencing devices that fence a node together, separated by commas. Levels are tried by `index`."""

    tag: ClassVar[str] = "fencing-level"
    section: ClassVar[str] = "fencing-topology"

    id: str | None = generated_id()
    target: str | None = attr(NODE)
    target_pattern: str | None = attr()
    target_attribute: str | None = attr()
    target_value: str | None = attr()
    index: str | None = attr(LEVEL, required=True)
    devices: str | None = attr(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRef(Element):
    """A reference to an ACL role."""

    tag: ClassVar[str] = "role"

    id: str | None = member_id(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class AclPermission(Element):
    """Permission to read or write the elements that an XPath, an id or a tag selects, or its denial."""

    tag: ClassVar[str] = "acl_permission"

    id: str | None = generated_id()
    kind: str | None = attr(one_of("read", "write", "deny"), required=True)
    xpath: str | None = attr()
    reference: str | None = attr(IDREF)
    object_type: str | None = attr()
    attribute: str | None = attr()
    description: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class AclRole(Element):
    """A named list of permissions."""

    tag: ClassVar[str] = "acl_role"
    section: ClassVar[str] = "acls"

    id: str | None = identifier()
    description: str | None = attr()
    permissions: tuple[AclPermission, ...] = children(AclPermission, key="permissions")


@dataclass(frozen=True, slots=True, kw_only=True)
class AclTarget(Element):
    """An operating system user and its ACL roles."""

    tag: ClassVar[str] = "acl_target"
    section: ClassVar[str] = "acls"

    id: str | None = identifier(NAME)
    name: str | None = attr()
    roles: tuple[RoleRef, ...] = children(RoleRef, key="roles", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AclGroup(Element):
    """An operating system group and the ACL roles of its members."""

    tag: ClassVar[str] = "acl_group"
    section: ClassVar[str] = "acls"

    id: str | None = identifier(ID)
    name: str | None = attr()
    roles: tuple[RoleRef, ...] = children(RoleRef, key="roles", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef(Element):
    """A reference to a tagged object."""

    tag: ClassVar[str] = "obj_ref"

    id: str | None = member_id(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Element):
    """A name for several objects, usually resources."""

    tag: ClassVar[str] = "tag"
    section: ClassVar[str] = "tags"

    id: str | None = identifier()
    members: tuple[ObjectRef, ...] = children(ObjectRef, key="members", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAttribute(Element):
    """A node attribute whose changes trigger an alert."""

    tag: ClassVar[str] = "attribute"

    id: str | None = generated_id()
    name: str | None = attr(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectAttributes(Element):
    """Changes of all node attributes, or of those listed."""

    tag: ClassVar[str] = "select_attributes"

    attributes: tuple[AlertAttribute, ...] = children(AlertAttribute, key="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectFencing(Element):
    """Fencing events."""

    tag: ClassVar[str] = "select_fencing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectNodes(Element):
    """Nodes that join or leave the cluster."""

    tag: ClassVar[str] = "select_nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectResources(Element):
    """Actions of resources."""

    tag: ClassVar[str] = "select_resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Element):
    """Events that trigger an alert."""

    tag: ClassVar[str] = "select"

    attributes: SelectAttributes | None = child(SelectAttributes, key="attributes")
    fencing: SelectFencing | None = child(SelectFencing, key="fencing")
    nodes: SelectNodes | None = child(SelectNodes, key="nodes")
    resources: SelectResources | None = child(SelectResources, key="resources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient(Element):
    """A recipient of an alert."""

    tag: ClassVar[str] = "recipient"

    id: str | None = generated_id()
    description: str | None = attr()
    value: str | None = attr(required=True)
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Element):
    """A program that Pacemaker runs when an event occurs."""

    tag: ClassVar[str] = "alert"
    section: ClassVar[str] = "alerts"

    id: str | None = identifier()
    description: str | None = attr()
    path: str | None = attr(required=True)
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")
    select: Select | None = child(Select, key="select", form="select")
    recipients: tuple[Recipient, ...] = children(
        Recipient, key="recipients", form="recipients", ordered=False
    )
