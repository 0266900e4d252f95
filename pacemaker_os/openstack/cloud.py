"""The desired cloud: hosts with roles, virtual IP addresses, services and settings, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.families import DEFAULT_FAMILY
from pacemaker_os.openstack.releases import DEFAULT_RELEASE

#: The roles of hosts. Controllers are the cluster nodes. Front nodes are outside of the cluster and run
#: haproxy and keepalived. All others are Pacemaker remote nodes.
ROLES = ("controller", "network", "compute", "storage", "front")

#: The role that does the work of a role without hosts.
ROLE_FALLBACKS = {"network": "controller", "storage": "controller", "front": "controller"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host: its services listen on `address`, and `interface` carries the virtual IP addresses.

    `fencing` is the agent (`agent: fence_ipmilan`) and the parameters of its power fencing device; a value
    that starts with `secret:` names a secret.
    """

    name: str
    address: str
    roles: tuple[str, ...]
    interface: str = "eth0"
    fencing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A cloud: `vips` gives the virtual IP address of each service, `default` that of all others.

    `family` is one of families.py, `release` one of releases.py. `settings` are the operator's overrides of
    the defaults in settings.py.
    """

    name: str
    hosts: tuple[Host, ...]
    vips: Mapping[str, str]
    services: tuple[str, ...]
    family: str = DEFAULT_FAMILY
    release: str = DEFAULT_RELEASE
    region: str = "RegionOne"
    prefix: int = 24
    settings: Mapping[str, str] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        """Return the host with this name."""
        return next(host for host in self.hosts if host.name == name)

    def with_role(self, role: str) -> tuple[Host, ...]:
        """Return the hosts of a role, in order, or those of its fallback if there are none."""
        found = tuple(host for host in self.hosts if role in host.roles)
        return found if found or role not in ROLE_FALLBACKS else self.with_role(ROLE_FALLBACKS[role])

    def has(self, host: Host, roles: tuple[str, ...]) -> bool:
        """Return whether the host does the work of one of the roles."""
        return any(host in self.with_role(role) for role in roles)

    def in_cluster(self, host: Host) -> bool:
        """Return whether Pacemaker manages the host, as it does all hosts but front nodes."""
        return host.roles != ("front",)

    @property
    def members(self) -> tuple[Host, ...]:
        """The cluster nodes."""
        return self.with_role("controller")

    @property
    def remotes(self) -> tuple[Host, ...]:
        """The Pacemaker remote nodes."""
        return tuple(host for host in self.hosts if self.in_cluster(host) and host not in self.members)

    @property
    def fenceable(self) -> tuple[Host, ...]:
        """The hosts that a controller can fence. No other node could fence a single controller."""
        return (*(self.members if len(self.members) > 1 else ()), *self.remotes)

    def vip(self, service: str) -> str:
        """Return the virtual IP address of a service."""
        return self.vips.get(service, self.vips["default"])
