"""What of the catalogue a cluster has: units, mounts, addresses, and the hosts that are in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.render import unit_names
from pacemaker_os.openstack.service import Mount, Service, Unit
from pacemaker_os.openstack.template import Filler

#: The node attribute that says what a node is for.
ROLE = "osprole"

#: The load balancer on controllers; on front nodes it is not Pacemaker's.
PROXY = "lb-haproxy"


class Placed:
    """What of some services is on a cloud's cluster.

    `units` are the resources of systemd units; where two services have one (two sites of one httpd), the
    first has the resource, and `shared` says whose the others' is. `names` are those of all resources that
    services bring. `addresses` are the virtual ones by resource, where haproxy is Pacemaker's. `remotes` are
    the hosts that are no members and do work, `fenced` those with a fencing device.
    """

    def __init__(self, fill: Filler, services: tuple[Service, ...]) -> None:
        self.fill, self.cloud, self.services = fill, fill.cloud, services
        self.units: list[tuple[Service, Unit]] = []
        self.shared: dict[str, str] = {}
        self._place_units()
        self.mounts: list[tuple[Service, Mount]] = [
            (service, mount)
            for service in services
            for mount in service.mounts
            if fill.setting(mount.setting)
        ]
        self.addresses = self._addresses()
        self.names = {
            *(unit.resource for _, unit in self.units),
            *(name for name, _ in self.spelled()),
            *self.addresses,
        }
        used = {host.name for _, unit in self.units for host in self.hosts(unit.roles)}
        self.remotes = tuple(host for host in self.cloud.remotes if host.name in used)
        fenceable = self.cloud.fenceable if fill.setting("fencing") == "yes" else ()
        self.fenced = tuple(host for host in fenceable if host in (*self.cloud.members, *self.remotes))

    def _place_units(self) -> None:
        first_of: dict[str, str] = {}
        for service in self.services:
            for unit in service.units:
                names = unit_names(self.fill, unit)
                if not names or not self.fill.chosen(unit.where) or not self.hosts(unit.roles):
                    continue
                if (first := first_of.setdefault(names[0], unit.resource)) == unit.resource:
                    self.units.append((service, unit))
                else:
                    self.shared[unit.resource] = first

    def _addresses(self) -> dict[str, str]:
        if not any(unit.resource == PROXY for _, unit in self.units):
            return {}
        return {vip_name(service): address for service, address in self.cloud.vips.items()}

    def hosts(self, roles: tuple[str, ...]) -> tuple[Host, ...]:
        """The hosts of the cluster that do the work of some roles."""
        return tuple(
            host for host in self.cloud.hosts if self.cloud.has(host, roles) and self.cloud.in_cluster(host)
        )

    def spelled(self) -> Iterator[tuple[str, Any]]:
        """The resources that pages spell out, by id."""
        for service in self.services:
            yield from service.document.get("resources", {}).items()

    def beside(self) -> Iterator[tuple[str, str]]:
        """Each resource and a unit that needs it on its own host."""
        running = {unit.resource for _, unit in self.units}
        for service, unit in self.units:
            for owner, mount in self.mounts:
                if service is owner and set(unit.roles) & set(mount.roles):
                    yield mount.resource, unit.resource
            yield from ((name, unit.resource) for name in unit.beside if name in running)


def said(placed: Placed, key: str) -> Iterator[Any]:
    """The constraints that pages say in the document's own words: `key` is their kind."""
    for service in placed.services:
        for entry in filled(placed.fill, service.document.get(key, []), None):
            if not isinstance(entry, dict) or entry["resource"] in placed.names:
                yield entry


def filled(fill: Filler, value: Any, host: Host | None) -> Any:
    """Data with its strings filled in."""
    if isinstance(value, str):
        return fill.shown(value, host)
    if isinstance(value, Mapping):
        return {key: filled(fill, entry, host) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [filled(fill, entry, host) for entry in value]
    return value


def role_word(host: Host) -> str:
    """What the node attribute says of a host."""
    return "-".join(host.roles)


def vip_name(service: str) -> str:
    """The resource of a virtual address."""
    return "vip" if service == "default" else f"vip-{service}"
