"""Resources: primitives, templates, groups, clones and bundles (Pacemaker Explained, "Resources")."""

from __future__ import annotations

from typing import ClassVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import InstanceAttributes, MetaAttributes, NvSet, Utilization, nvsets
from pacemaker_os.cib.table import attr, child, children, generated_id, identifier, reference
from pacemaker_os.cib.values import BOOLEAN, DURATION, IDREF, INTEGER, ROLE, TIMEOUT, one_of
from pacemaker_os.dataclass import dataclass

#: The tag of a promotable clone in schemas before 4.0. The model reads it as a clone.
MASTER = "master"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Element):
    """Options of an agent's action. With the `interval` 0, they apply to actions that are not recurring."""

    tag: ClassVar[str] = "op"

    id: str | None = generated_id()
    name: str | None = attr(required=True)
    interval: str | None = attr(DURATION, default="0s")
    description: str | None = attr()
    start_delay: str | None = attr(TIMEOUT)
    interval_origin: str | None = attr()
    timeout: str | None = attr(TIMEOUT)
    enabled: str | None = attr(BOOLEAN, default="true")
    record_pending: str | None = attr(BOOLEAN)
    role: str | None = attr(ROLE)
    on_fail: str | None = attr(
        one_of("ignore", "block", "demote", "stop", "restart", "standby", "fence", "restart-container")
    )
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations(Element):
    """The operations of a resource, or with `id_ref` those of another resource."""

    tag: ClassVar[str] = "operations"

    id: str | None = generated_id()
    id_ref: str | None = reference()
    operations: tuple[Operation, ...] = children(Operation, key="list", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource(Element):
    section: ClassVar[str] = "resources"

    id: str | None = identifier()
    description: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class _AgentResource(_Resource):
    class_: str | None = attr(xml="class")
    provider: str | None = attr()
    type: str | None = attr()
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")
    utilization: tuple[NvSet, ...] = nvsets(Utilization, "utilization")
    operations: Operations | None = child(Operations, key="operations", form="operations")

    @property
    def agent(self) -> str | None:
        """The name of the agent, such as `ocf:heartbeat:IPaddr2`, or None if a template declares it."""
        if self.class_ is None:
            return None
        return ":".join(part for part in (self.class_, self.provider, self.type) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive(_AgentResource):
    """A resource that an agent manages. Values that it does not declare come from its `template`."""

    tag: ClassVar[str] = "primitive"

    template: str | None = attr(IDREF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(_AgentResource):
    """The common configuration of several primitives. A template is not a resource."""

    tag: ClassVar[str] = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collective(_Resource):
    instance_attributes: tuple[NvSet, ...] = nvsets(InstanceAttributes, "params")
    meta_attributes: tuple[NvSet, ...] = nvsets(MetaAttributes, "meta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(_Collective):
    """Primitives that run on the same node. They start in order and stop in reverse order."""

    tag: ClassVar[str] = "group"

    members: tuple[Primitive, ...] = children(Primitive, key="group", form="named")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone(_Collective):
    """A primitive or group that runs on several nodes.

    The meta attribute `promotable` makes it promotable. The <master> of schemas before 4.0 is read as a
    promotable clone.
    """

    tag: ClassVar[str] = "clone"

    child: Primitive | Group | None = child(Primitive, Group, key="child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Element):
    """The container image of a bundle. `masters` is the former name of `promoted-max`."""

    image: str | None = attr(required=True)
    replicas: str | None = attr(INTEGER)
    replicas_per_host: str | None = attr(INTEGER)
    promoted_max: str | None = attr(INTEGER)
    masters: str | None = attr(INTEGER)
    run_command: str | None = attr()
    network: str | None = attr()
    options: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class Docker(Container):
    """A container of Docker."""

    tag: ClassVar[str] = "docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Podman(Container):
    """A container of podman."""

    tag: ClassVar[str] = "podman"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rkt(Container):
    """A container of rkt; removed in schema 4.0."""

    tag: ClassVar[str] = "rkt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMapping(Element):
    """A port, or a `range` of ports, of the host that is forwarded to the container."""

    tag: ClassVar[str] = "port-mapping"

    id: str | None = generated_id()
    port: str | None = attr(INTEGER)
    internal_port: str | None = attr(INTEGER)
    range: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Element):
    """Addresses and ports of a bundle."""

    tag: ClassVar[str] = "network"

    ip_range_start: str | None = attr()
    control_port: str | None = attr(INTEGER)
    host_interface: str | None = attr()
    host_netmask: str | None = attr(INTEGER)
    add_host: str | None = attr(BOOLEAN, default="true")
    port_mappings: tuple[PortMapping, ...] = children(PortMapping, key="ports", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageMapping(Element):
    """A directory of the host that is mounted in the container as `target_dir`."""

    tag: ClassVar[str] = "storage-mapping"

    id: str | None = generated_id()
    source_dir: str | None = attr()
    source_dir_root: str | None = attr()
    target_dir: str | None = attr(required=True)
    options: str | None = attr()


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage(Element):
    """Directories of the host that are mounted in the containers of a bundle."""

    tag: ClassVar[str] = "storage"

    mappings: tuple[StorageMapping, ...] = children(StorageMapping, key="mappings", ordered=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(_Collective):
    """Containers that the cluster runs, optionally with a primitive inside."""

    tag: ClassVar[str] = "bundle"

    container: Container | None = child(Docker, Podman, Rkt, key="container")
    network: Network | None = child(Network, key="network")
    storage: Storage | None = child(Storage, key="storage", form="storage")
    primitive: Primitive | None = child(Primitive, key="primitive")
