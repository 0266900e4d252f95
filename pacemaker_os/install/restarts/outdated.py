"""Detection of resources and units that run with an outdated configuration.

Detection compares times and needs no stored state: a unit or daemon that started before one of the files of
its service was written runs with the previous content of that file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from pacemaker_os.dataclass import dataclass
from pacemaker_os.install.context.inventory import Inventory
from pacemaker_os.install.facts.host_facts import HostFacts
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.desired import DesiredHost
from pacemaker_os.openstack.render import unit_name
from pacemaker_os.openstack.service import Service

#: Directories of files that belong to a service but that its units do not read.
_NOT_READ = ("/etc/sysctl.d/", "/etc/modules-load.d/", "/etc/systemd/")


@dataclass(frozen=True, slots=True)
class NeededRestart:
    """A resource or unit on a node that needs a restart because it started before `changed_file` was written.

    `systemctl` is the systemctl command if systemd manages the unit, or if the unit supports reload. `nodes`
    is the number of nodes that a clone runs on; it is 0 for other resources.
    """

    service: str
    node: str
    resource: str
    changed_file: str
    nodes: int = 0
    systemctl: tuple[str, ...] = ()


def needed_restarts(
    cloud: Cloud, inventory: Inventory, services: Iterable[str], nodes: Collection[str] = ()
) -> Iterator[NeededRestart]:
    """Yield each needed restart once, by service, and by node within a service.

    `nodes` limits the result to these nodes; if it is empty, all nodes are included.
    """
    seen: set[tuple[str, str]] = set()
    for service in map(SERVICES.__getitem__, services):
        for found in (*_units(cloud, inventory, service), *_daemons(cloud, inventory, service)):
            if (found.node, found.resource) not in seen and (not nodes or found.node in nodes):
                seen.add((found.node, found.resource))
                yield found


def _resources_by_unit(cloud: Cloud) -> dict[str, str]:
    """Return the resource of each systemd unit; if services share one httpd, it is that of the first."""
    found: dict[str, str] = {}
    for service in cloud.services:
        for unit in SERVICES[service].units:
            for name in unit.unit.of(cloud.family):
                found.setdefault(unit_name(name), unit.resource)
    return found


def _units(cloud: Cloud, inventory: Inventory, service: Service) -> Iterator[NeededRestart]:
    resources, counts = _resources_by_unit(cloud), _node_counts(cloud, service)
    for node, facts in inventory.facts.items():
        desired = inventory.desired[node]
        for name, nodes in counts.items():
            unit = facts.units.get(name)
            if unit is None or not unit.active or name not in (*desired.owned, *desired.enabled):
                continue
            file = _changed_file(desired, facts, unit.since, service)
            if file and unit.reloads:
                resource = resources.get(name, name)
                yield NeededRestart(service.name, node, resource, file, systemctl=("reload", name))
            elif file and name in desired.enabled:
                yield NeededRestart(service.name, node, name, file, systemctl=("restart", name))
            elif file:
                yield NeededRestart(service.name, node, resources[name], file, nodes)


def _node_counts(cloud: Cloud, service: Service) -> Mapping[str, int]:
    """Return the number of nodes that the clone of each unit runs on, 0 for units without a clone."""
    clones = {
        unit_name(name): 0 if unit.single else sum(cloud.has(host, unit.roles) for host in cloud.hosts)
        for unit in service.units
        for name in unit.unit.of(cloud.family)
    }
    return clones | {
        unit_name(name): 0 for names in service.systemd_units.values() for name in names.of(cloud.family)
    }


def _daemons(cloud: Cloud, inventory: Inventory, service: Service) -> Iterator[NeededRestart]:
    members = tuple(host.name for host in cloud.members)
    nodes = [node for node in inventory.facts if node in members]
    if any(listener.balance != "all" for listener in service.listeners):
        # All connections go to one node, usually the first. It restarts last, so that they move only once.
        nodes.reverse()
    for name, resource in service.document.get("resources", {}).items():
        is_clone = "clone" in resource or "promotable" in resource
        for node in nodes:
            facts = inventory.facts[node]
            if name in facts.daemons:
                file = _changed_file(inventory.desired[node], facts, facts.daemons[name], service)
                if file:
                    yield NeededRestart(service.name, node, name, file, len(members) if is_clone else 0)


def _changed_file(desired: DesiredHost, facts: HostFacts, since: int, service: Service) -> str:
    """Return a file of the service that is newer than `since`; an empty text if there is none."""
    # Compare by the paths of the definition: `desired` assigns a file of two services to only one of them.
    declared = {file.path for file in service.files} & {file.path for file in desired.files}
    paths = sorted(path for path in declared & set(facts.files) if _is_configuration(path))
    return next((path for path in paths if int(facts.files[path].changed) > since), "")


def _is_configuration(path: str) -> bool:
    """Return whether services read a file when they start; they do not read kernel and client settings."""
    return path.startswith("/etc/") and not path.startswith(_NOT_READ)
