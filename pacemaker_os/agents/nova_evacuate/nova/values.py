"""Objects of Nova's API, with Nova's names and states."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: Nova's power state of a running guest.
RUNNING = 1


@dataclass(frozen=True, slots=True)
class Flavor:
    """The flavor that is embedded in a server; memory in MB, disks in GB."""

    name: str = "flavor"
    vcpus: int = 1
    ram: int = 64
    disk: int = 1
    ephemeral: int = 0
    swap: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """An instance.

    `image` is empty if it boots from a volume. `lock` is the reason; None if it is not locked.
    """

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
        """Whether its guest was running when Nova last queried the hypervisor."""
        return self.power_state == RUNNING


@dataclass(frozen=True, slots=True)
class Migration:
    """Nova's record of an evacuation. Later evacuations have higher ids."""

    id: int
    instance: str
    source: str
    dest: str
    status: str
    created: str = ""
    updated: str = ""

    @property
    def touched(self) -> float:
        """When Nova last wrote the record, in seconds since 1970; infinite if that is unknown."""
        from calendar import timegm

        try:
            return float(timegm(time.strptime((self.updated or self.created)[:19], "%Y-%m-%dT%H:%M:%S")))
        except ValueError:
            return math.inf


@dataclass(frozen=True, slots=True)
class Service:
    """A compute service in Nova."""

    id: str
    host: str
    state: str = "up"
    status: str = "enabled"
    forced_down: bool = False
    disabled_reason: str = ""

    @property
    def known(self) -> bool:
        """Whether the database of its cell is available; if not, the list of its instances is incomplete."""
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


def server(data: Mapping[str, Any]) -> Server:
    """Return the server in a JSON object (microversion 2.73)."""
    flavor, image = data.get("flavor") or {}, data.get("image") or {}
    return Server(
        data["id"],
        data.get("name", ""),
        data.get("OS-EXT-SRV-ATTR:host") or "",
        data.get("OS-EXT-STS:vm_state") or "",
        data.get("OS-EXT-STS:task_state") or "",
        data.get("OS-EXT-STS:power_state") or 0,
        (data.get("locked_reason") or "") if data.get("locked") else None,
        data.get("tenant_id", ""),
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
        data.get("metadata") or {},
        tuple(data.get("tags") or ()),
    )


def migration(data: Mapping[str, Any]) -> Migration:
    """Return the migration in a JSON object."""
    return Migration(
        int(data["id"]),
        data["instance_uuid"],
        data.get("source_compute") or "",
        data.get("dest_compute") or "",
        data["status"],
        data.get("created_at") or "",
        data.get("updated_at") or "",
    )


def service(data: Mapping[str, Any]) -> Service:
    """Return the compute service in a JSON object.

    If the database of its cell is down, most keys are missing.
    """
    return Service(
        data.get("id", ""),
        data["host"],
        data.get("state", ""),
        data["status"],
        bool(data.get("forced_down")),
        data.get("disabled_reason") or "",
    )
