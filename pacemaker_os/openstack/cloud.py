"""The cloud that shall be: hosts with roles, virtual addresses, services, settings. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What a host can be. Controllers are the cluster's members; front nodes stand before it, with haproxy and
#: keepalived; all others are Pacemaker remote nodes.
ROLES = ("controller", "network", "compute", "storage", "front")

#: Which role takes the work of one that no host has.
STANDS_IN = {"network": "controller", "storage": "controller", "front": "controller"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host: `address` is where its services listen; `interface` carries the virtual addresses.

    `fencing` is the agent (`agent: fence_ipmilan`) and parameters of the device that powers it off; a value
    that begins with `secret:` names a secret.
    """

    name: str
    address: str
    roles: tuple[str, ...]
    interface: str = "eth0"
    fencing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A cloud: `vips` gives the virtual address of each service, `default` that of all others.

    `family` is debian, ubuntu or redhat, `release` an OpenStack series such as zed or 2025.1. `settings` are
    what an operator chose; openstack/settings.py lists them.
    """

    name: str
    hosts: tuple[Host, ...]
    vips: Mapping[str, str]
    services: tuple[str, ...]
    family: str = "debian"
    release: str = "zed"
    region: str = "RegionOne"
    prefix: int = 24
    settings: Mapping[str, str] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        """The host of a name."""
        return next(host for host in self.hosts if host.name == name)

    def with_role(self, role: str) -> tuple[Host, ...]:
        """The hosts of a role, in order; when there is none, those of the role that stands in for it."""
        found = tuple(host for host in self.hosts if role in host.roles)
        return found if found or role not in STANDS_IN else self.with_role(STANDS_IN[role])

    def has(self, host: Host, roles: tuple[str, ...]) -> bool:
        """Whether the host does the work of one of the roles."""
        return any(host in self.with_role(role) for role in roles)

    def in_cluster(self, host: Host) -> bool:
        """Whether Pacemaker runs on the host: not on front-end nodes, which have keepalived."""
        return host.roles != ("front",)

    @property
    def members(self) -> tuple[Host, ...]:
        """The hosts that are full members of the cluster."""
        return self.with_role("controller")

    @property
    def remotes(self) -> tuple[Host, ...]:
        """The hosts of the cluster that are Pacemaker's remote nodes."""
        return tuple(host for host in self.hosts if self.in_cluster(host) and host not in self.members)

    @property
    def fenceable(self) -> tuple[Host, ...]:
        """The hosts that a controller can power off; the only controller has nobody who could."""
        return (*(self.members if len(self.members) > 1 else ()), *self.remotes)

    def vip(self, service: str) -> str:
        """The virtual address of a service."""
        return self.vips.get(service, self.vips["default"])
