"""What runs with an older configuration than that which lies there.

Nothing is remembered for this: a unit or a daemon that began before one of its service's files was written
runs with what the file said before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from pacemaker_os.install.context.context import Run
from pacemaker_os.install.facts.host_facts import HostFacts
from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.render import unit_name
from pacemaker_os.openstack.service import Service
from pacemaker_os.openstack.wanted import WantedHost

#: Files that come with a service and that its units do not read.
_NOT_READ = ("/etc/sysctl.d/", "/etc/modules-load.d/", "/etc/systemd/")


@dataclass(frozen=True, slots=True)
class Stale:
    """A resource of a service that runs on a node with an older configuration; `because` is the newer file.

    `systemctl` are the words for systemd, where it is not Pacemaker that restarts it. `nodes` is how many
    nodes a clone is meant to run on; what is no clone has 0.
    """

    service: str
    node: str
    resource: str
    because: str
    nodes: int = 0
    systemctl: tuple[str, ...] = ()


def stale(run: Run, services: Iterable[str], nodes: Collection[str] = ()) -> Iterator[Stale]:
    """What runs with an older configuration, by service, and of each service by node; each once.

    `nodes` are those to be looked at; none: all.
    """
    seen: set[tuple[str, str]] = set()
    for service in map(CATALOGUE.__getitem__, services):
        for found in (*_stale_units(run, service), *_stale_daemons(run, service)):
            if (found.node, found.resource) not in seen and (not nodes or found.node in nodes):
                seen.add((found.node, found.resource))
                yield found


def _resources_of_units(run: Run) -> dict[str, str]:
    """The resource of each systemd unit; where two services are sites of one httpd, the first has it."""
    found: dict[str, str] = {}
    for service in run.cloud.services:
        for unit in CATALOGUE[service].units:
            for name in unit.unit.of(run.cloud.family):
                found.setdefault(unit_name(name), unit.resource)
    return found


def _stale_units(run: Run, service: Service) -> Iterator[Stale]:
    resources = _resources_of_units(run)
    spread = {
        unit_name(name): 0
        if unit.single
        else sum(run.cloud.has(host, unit.roles) for host in run.cloud.hosts)
        for unit in service.units
        for name in unit.unit.of(run.cloud.family)
    }
    kept = {unit_name(name): 0 for names in service.systemd.values() for name in names.of(run.cloud.family)}
    for node, facts in run.facts.items():
        wanted = run.wanted[node]
        for name, nodes in (spread | kept).items():
            state = facts.units.get(name)
            if state is None or not state.active or name not in (*wanted.owned, *wanted.enabled):
                continue
            file = _newer_file(wanted, facts, state.since, service)
            if file and state.reloads:
                yield Stale(service.name, node, resources.get(name, name), file, systemctl=("reload", name))
            elif file and name in wanted.enabled:
                yield Stale(service.name, node, name, file, systemctl=("restart", name))
            elif file:
                yield Stale(service.name, node, resources[name], file, nodes)


def _stale_daemons(run: Run, service: Service) -> Iterator[Stale]:
    nodes = [node for node in run.facts if node in run.controllers]
    if any(listener.spread != "all" for listener in service.listeners):
        # All connections go to one node, as a rule the first: they move once, when the others are through.
        nodes.reverse()
    for name, resource in service.document.get("resources", {}).items():
        is_clone = "clone" in resource or "promotable" in resource
        for node in nodes:
            facts = run.facts[node]
            if name in facts.daemons:
                file = _newer_file(run.wanted[node], facts, facts.daemons[name], service)
                if file:
                    count = len(run.controllers) if is_clone else 0
                    yield Stale(service.name, node, name, file, count)


def _newer_file(wanted: WantedHost, facts: HostFacts, since: int, service: Service) -> str:
    """A file of the service that is newer than what began at `since`; empty if there is none."""
    # By the page's own paths: a file that two pages say is counted to one of them alone in `wanted`.
    said = {file.path for file in service.files} & {file.path for file in wanted.files}
    paths = sorted(path for path in said & set(facts.files) if _is_configuration(path))
    return next((path for path in paths if int(facts.files[path].changed) > since), "")


def _is_configuration(path: str) -> bool:
    """Whether a service reads a file when it starts; the kernel's and clients' files it does not."""
    return path.startswith("/etc/") and not path.startswith(_NOT_READ)
