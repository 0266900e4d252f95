"""What surrounds the resources: fencing topology, access control, tags and alerts."""

# ruff: noqa: RUF009 - child() declares a field, as dataclasses.field() does.

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import InstanceAttributes, MetaAttributes, NvSet, nvsets
from pacemaker_os.cib.table import attr, child, children, generated_id, identifier, member_id
from pacemaker_os.cib.values import ID, IDREF, INTEGER, NAME, NODE, one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FencingLevel(Element):
    """Devices (joined by commas) that together fence a node; levels are tried by rising `index`."""

    tag: ClassVar[str] = "fencing-level"
    section: ClassVar[str] = "fencing-topology"

    id: str | None = generated_id()
    target: str | None = attr(NODE)
    target_pattern: str | None = attr()
    target_attribute: str | None = attr()
    target_value: str | None = attr()
    index: str | None = attr(INTEGER, required=True)
    devices: str | None = attr(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRef(Element):
    """The name of an ACL role."""

    tag: ClassVar[str] = "role"

    id: str | None = member_id(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class AclPermission(Element):
    """Read, write or deny what an XPath, an id or a type of element selects."""

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
    """Permissions under a name."""

    tag: ClassVar[str] = "acl_role"
    section: ClassVar[str] = "acls"

    id: str | None = identifier()
    description: str | None = attr()
    permissions: tuple[AclPermission, ...] = children(AclPermission, key="permissions")


@dataclass(frozen=True, slots=True, kw_only=True)
class AclTarget(Element):
    """A user of the operating system, and the roles it has."""

    tag: ClassVar[str] = "acl_target"
    section: ClassVar[str] = "acls"

    id: str | None = identifier(NAME)
    name: str | None = attr()
    roles: tuple[RoleRef, ...] = children(RoleRef, key="roles", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AclGroup(Element):
    """A group of the operating system, and the roles its members have."""

    tag: ClassVar[str] = "acl_group"
    section: ClassVar[str] = "acls"

    id: str | None = identifier(ID)
    name: str | None = attr()
    roles: tuple[RoleRef, ...] = children(RoleRef, key="roles", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRef(Element):
    """The id of something that is tagged."""

    tag: ClassVar[str] = "obj_ref"

    id: str | None = member_id(NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Element):
    """A name for several objects."""

    tag: ClassVar[str] = "tag"
    section: ClassVar[str] = "tags"

    id: str | None = identifier()
    members: tuple[ObjectRef, ...] = children(ObjectRef, key="members", form="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAttribute(Element):
    """A node attribute whose changes are told."""

    tag: ClassVar[str] = "attribute"

    id: str | None = generated_id()
    name: str | None = attr(required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectAttributes(Element):
    """Changes of node attributes: of all, or of those listed."""

    tag: ClassVar[str] = "select_attributes"

    attributes: tuple[AlertAttribute, ...] = children(AlertAttribute, key="names", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectFencing(Element):
    """Fencing events."""

    tag: ClassVar[str] = "select_fencing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectNodes(Element):
    """Nodes that come and go."""

    tag: ClassVar[str] = "select_nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectResources(Element):
    """Actions of resources."""

    tag: ClassVar[str] = "select_resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select(Element):
    """Which events an alert is told of."""

    tag: ClassVar[str] = "select"

    attributes: SelectAttributes | None = child(SelectAttributes, key="attributes")
    fencing: SelectFencing | None = child(SelectFencing, key="fencing")
    nodes: SelectNodes | None = child(SelectNodes, key="nodes")
    resources: SelectResources | None = child(SelectResources, key="resources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient(Element):
    """Whom an alert tells."""

    tag: ClassVar[str] = "recipient"

    id: str | None = generated_id()
    description: str | None = attr()
    value: str | None = attr(required=True)
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Element):
    """A program that is run when something happens."""

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
