"""The cloud that shall be: hosts with roles, virtual addresses, services, settings. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host: `address` is where its services listen; `interface` carries the virtual addresses."""

    name: str
    address: str
    roles: tuple[str, ...]
    interface: str = "eth0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A cloud: `vips` gives the virtual address of each service, `default` that of all others.

    `family` is debian or redhat, `release` an OpenStack series such as zed or 2025.1. `settings` are what an
    operator chose: `workers`, `compute_driver`, `tls`, `network_type`...
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

    def with_role(self, role: str) -> tuple[Host, ...]:
        """The hosts of a role, in order."""
        return tuple(host for host in self.hosts if role in host.roles)

    def vip(self, service: str) -> str:
        """The virtual address of a service."""
        return self.vips.get(service, self.vips["default"])
