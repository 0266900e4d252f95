"""What Nova knows, as values. Names and states are Nova's own."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Nova's power state of a guest that runs.
RUNNING = 1


@dataclass(frozen=True, slots=True)
class Flavor:
    """A flavor as a server embeds it; memory in MB, disks in GB."""

    name: str = "flavor"
    vcpus: int = 1
    ram: int = 64
    disk: int = 1
    ephemeral: int = 0
    swap: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """An instance. `image` is empty when it boots from a volume; `lock` is the reason, None is not locked."""

    id: str
    name: str
    host: str
    vm_state: str = "active"
    task_state: str = ""
    power_state: int = 1
    lock: str | None = None
    project: str = ""
    image: str = ""
    flavor: Flavor = field(default_factory=Flavor)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether its guest ran when Nova asked the hypervisor last."""
        return self.power_state == RUNNING


@dataclass(frozen=True, slots=True)
class Migration:
    """Nova's record of one evacuation. Later ones have greater numbers."""

    id: int
    instance: str
    source: str
    dest: str
    status: str
    created: str = ""
    updated: str = ""

    @property
    def touched(self) -> float:
        """When Nova wrote into it last, in seconds since 1970; never, when it does not say."""
        from calendar import timegm

        try:
            return float(timegm(time.strptime((self.updated or self.created)[:19], "%Y-%m-%dT%H:%M:%S")))
        except ValueError:
            return math.inf


@dataclass(frozen=True, slots=True)
class Service:
    """A nova-compute as Nova sees it."""

    id: str
    host: str
    state: str = "up"
    status: str = "enabled"
    forced_down: bool = False
    disabled_reason: str = ""

    @property
    def known(self) -> bool:
        """Whether its cell answers; if not, the list of its instances is not complete."""
        return self.status != "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Group:
    """A server group."""

    policy: str
    members: frozenset[str]
    most: int = 1


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A host aggregate."""

    id: int
    name: str
    hosts: frozenset[str]
    metadata: Mapping[str, str] = field(default_factory=dict)


def server(said: Mapping[str, Any]) -> Server:
    """A server from Nova's words (microversion 2.73)."""
    flavor, image = said.get("flavor") or {}, said.get("image") or {}
    return Server(
        said["id"],
        said.get("name", ""),
        said.get("OS-EXT-SRV-ATTR:host") or "",
        said.get("OS-EXT-STS:vm_state") or "",
        said.get("OS-EXT-STS:task_state") or "",
        said.get("OS-EXT-STS:power_state") or 0,
        (said.get("locked_reason") or "") if said.get("locked") else None,
        said.get("tenant_id", ""),
        image.get("id", ""),
        Flavor(
            flavor.get("original_name", ""),
            int(flavor.get("vcpus") or 0),
            int(flavor.get("ram") or 0),
            int(flavor.get("disk") or 0),
            int(flavor.get("ephemeral") or 0),
            int(flavor.get("swap") or 0),
            flavor.get("extra_specs") or {},
        ),
        said.get("metadata") or {},
        tuple(said.get("tags") or ()),
    )


def migration(said: Mapping[str, Any]) -> Migration:
    """A migration from Nova's words."""
    return Migration(
        int(said["id"]),
        said["instance_uuid"],
        said.get("source_compute") or "",
        said.get("dest_compute") or "",
        said["status"],
        said.get("created_at") or "",
        said.get("updated_at") or "",
    )


def service(said: Mapping[str, Any]) -> Service:
    """A compute service from Nova's words; few and UNKNOWN where a cell's database is down."""
    return Service(
        said.get("id", ""),
        said["host"],
        said.get("state", ""),
        said["status"],
        bool(said.get("forced_down")),
        said.get("disabled_reason") or "",
    )
