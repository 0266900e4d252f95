"""The layout of a cluster: which units, mounts and addresses it has, and on which hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.render import unit_names
from pacemaker_os.openstack.service import Mount, Service, Unit
from pacemaker_os.openstack.template import TemplateRenderer

#: The node attribute for the roles of a node.
ROLE = "osprole"

#: The load balancer on controllers. On front nodes, systemd manages it.
PROXY = "lb-haproxy"


class ClusterLayout:
    """The part of a cloud's services that the cluster manages.

    `units` are the resources of systemd units. If several services use the same unit (sites of one web
    server), the first service has the resource, and `shared` maps the resources of the others to it. `names`
    are the resources of all services. `addresses` are the virtual IP addresses by resource, if the cluster
    manages haproxy. `remotes` are the remote nodes that run something, `fenced` the hosts with a fencing
    device.
    """

    def __init__(self, renderer: TemplateRenderer, services: tuple[Service, ...]) -> None:
        self.renderer, self.cloud, self.services = renderer, renderer.cloud, services
        self.units: list[tuple[Service, Unit]] = []
        self.shared: dict[str, str] = {}
        self._place_units()
        self.mounts: list[tuple[Service, Mount]] = [
            (service, mount)
            for service in services
            for mount in service.mounts
            if renderer.setting(mount.setting)
        ]
        self.addresses = self._addresses()
        self.names = {
            *(unit.resource for _, unit in self.units),
            *(name for name, _ in self.explicit_resources()),
            *self.addresses,
        }
        used = {host.name for _, unit in self.units for host in self.hosts(unit.roles)}
        self.remotes = tuple(host for host in self.cloud.remotes if host.name in used)
        fenceable = self.cloud.fenceable if renderer.setting("fencing") == "yes" else ()
        self.fenced = tuple(host for host in fenceable if host in (*self.cloud.members, *self.remotes))

    def _place_units(self) -> None:
        first_of: dict[str, str] = {}
        for service in self.services:
            for unit in service.units:
                names = unit_names(self.renderer, unit)
                if not names or not self.renderer.matches(unit.where) or not self.hosts(unit.roles):
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
        """Return the hosts of the cluster that do the work of one of the roles."""
        return tuple(
            host for host in self.cloud.hosts if self.cloud.has(host, roles) and self.cloud.in_cluster(host)
        )

    def explicit_resources(self) -> Iterator[tuple[str, Any]]:
        """Yield the resources that service definitions contain in full, with their IDs."""
        for service in self.services:
            yield from service.document.get("resources", {}).items()

    def colocations(self) -> Iterator[tuple[str, str]]:
        """Yield pairs of a resource and a unit that needs it on its own host."""
        running = {unit.resource for _, unit in self.units}
        for service, unit in self.units:
            for owner, mount in self.mounts:
                if service is owner and set(unit.roles) & set(mount.roles):
                    yield mount.resource, unit.resource
            yield from ((name, unit.resource) for name in unit.colocated_with if name in running)


def explicit_constraints(layout: ClusterLayout, kind: str) -> Iterator[Any]:
    """Yield the constraints of a kind (order, colocation, location) that service definitions contain."""
    for service in layout.services:
        for entry in rendered(layout.renderer, service.document.get(kind, []), None):
            if not isinstance(entry, dict) or entry["resource"] in layout.names:
                yield entry


def rendered(renderer: TemplateRenderer, value: Any, host: Host | None) -> Any:
    """Return data with all of its strings rendered."""
    if isinstance(value, str):
        return renderer.redacted(value, host)
    if isinstance(value, Mapping):
        return {key: rendered(renderer, entry, host) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [rendered(renderer, entry, host) for entry in value]
    return value


def role_value(host: Host) -> str:
    """Return the value of the role attribute of a host."""
    return "-".join(host.roles)


def vip_name(service: str) -> str:
    """Return the ID of the resource for a service's virtual IP address."""
    return "vip" if service == "default" else f"vip-{service}"
