"""Restarting what runs with an older configuration than that which lies there: node by node.

Nothing is remembered for this: a unit or a daemon that began before one of its service's files was written
runs with what the file said before. Whatever runs it, Pacemaker restarts it; where systemd runs it and can
reload it, it is reloaded instead.

Parameters in the cluster's document are Pacemaker's own affair: it restarts a resource whose parameters
have changed. That is why what a setting can change is in files, wherever the daemon reads one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pacemaker_os.cluster import Cluster
from pacemaker_os.cluster.monitor import look
from pacemaker_os.errors import ClusterError
from pacemaker_os.install.facts import HostFacts
from pacemaker_os.install.run import Run
from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.render import unit_name
from pacemaker_os.openstack.service import Service
from pacemaker_os.openstack.wanted import WantedHost

#: Files that come with a service and that its units do not read.
_NOT_READ = ("/etc/sysctl.d/", "/etc/modules-load.d/", "/etc/systemd/")

#: Seconds that a resource may take to stop and start again on a node, and to serve again as before.
_TIMEOUT = 300

#: Seconds between two looks at whether it does.
_PACE = 1.0

_PROMOTED = "Promoted"


@dataclass(frozen=True, slots=True)
class Stale:
    """A resource that runs on a node with an older configuration; `because` is the newer file.

    `reload` is its systemd unit if that can take its configuration in while it runs. `nodes` is how many
    nodes a clone is meant to run on; what is no clone has 0.
    """

    node: str
    resource: str
    because: str
    nodes: int
    reload: str = ""


def stale(run: Run, services: Iterable[str]) -> Iterator[Stale]:
    """What runs with an older configuration, by service, and of each service by node; each once."""
    seen: set[tuple[str, str]] = set()
    for service in map(CATALOGUE.__getitem__, services):
        for found in (*_stale_units(run, service), *_stale_daemons(run, service)):
            if (found.node, found.resource) not in seen:
                seen.add((found.node, found.resource))
                yield found


def restart_stale(run: Run, services: Iterable[str]) -> None:
    """Restart what runs with an older configuration, one after the other."""
    for found in list(stale(run, services)):
        if found.reload:
            _reload(run, found)
        else:
            _restart(run, found)


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
    for unit in service.units:
        nodes = 0 if unit.single else sum(run.cloud.has(host, unit.roles) for host in run.cloud.hosts)
        for node, facts in run.facts.items():
            for name in map(unit_name, unit.unit.of(run.cloud.family)):
                state = facts.units.get(name)
                if state is None or not state.active or name not in run.wanted[node].owned:
                    continue
                file = _newer_file(run.wanted[node], facts, state.since, service)
                if file:
                    yield Stale(node, resources[name], file, nodes, name if state.reloads else "")


def _stale_daemons(run: Run, service: Service) -> Iterator[Stale]:
    nodes = [node for node in run.facts if node in run.controllers]
    if any(listener.one_at_a_time for listener in service.listeners):
        # All connections go to the first one: they move once, when the others are through.
        nodes.reverse()
    for name, resource in service.document.get("resources", {}).items():
        is_clone = "clone" in resource or "promotable" in resource
        for node in nodes:
            facts = run.facts[node]
            if name in facts.daemons:
                file = _newer_file(run.wanted[node], facts, facts.daemons[name], service)
                if file:
                    yield Stale(node, name, file, len(run.controllers) if is_clone else 0)


def _reload(run: Run, found: Stale) -> None:
    with run.step(found.node, f"reload {found.resource}: {found.because} is newer"):
        run.transports[found.node].run(["systemctl", "reload", found.reload], timeout=_TIMEOUT)
    run.note_change(found.node, f"reload of {found.resource}")


def _restart(run: Run, found: Stale) -> None:
    """Restart a resource on the node, and wait until it serves there and everywhere as before."""
    cluster = run.cluster()
    with run.step(found.node, f"restart {found.resource}: {found.because} is newer"):
        before = _roles(cluster, found.resource)
        if found.nodes > 1 and list(before) == [found.node]:
            said = f"it runs on {found.node} alone, and would run nowhere meanwhile; start it elsewhere first"
            raise ClusterError(f"{said} (pcs-os status shows what keeps it from the others)", code="last-one")
        run.transports[run.first].run(_line(found), timeout=_TIMEOUT + 30)
        _wait_until_as(cluster, found, before)
    run.note_change(found.node, f"restart of {found.resource}")


def _line(found: Stale) -> list[str]:
    """The command that stops and starts a resource; a clone only where it is stale."""
    which = [f"{found.resource}-clone", "--node", found.node] if found.nodes else [found.resource]
    return ["crm_resource", "--restart", f"--timeout={_TIMEOUT}s", "--resource", *which]


def _wait_until_as(cluster: Cluster, found: Stale, before: Mapping[str, str]) -> None:
    """Wait until it runs on as many nodes as `before`, and is promoted on as many.

    crm_resource comes back when the instance is started: a database is in the cluster only when it is
    promoted, and until then another node must not leave. Raises ClusterError.
    """
    deadline = time.monotonic() + _TIMEOUT
    while not _is_as(now := _roles(cluster, found.resource), before):
        if time.monotonic() > deadline:
            words = ", ".join(f"{role} on {node}" for node, role in now.items()) or "stopped"
            said = f"{found.resource} is not as before within {_TIMEOUT} s: it is {words}"
            raise ClusterError(f"{said}; other nodes keep the older configuration", code="not-whole")
        time.sleep(_PACE)


def _is_as(now: Mapping[str, str], before: Mapping[str, str]) -> bool:
    """Whether as many instances run, and as many are promoted; which of them may have changed."""
    promoted = [list(roles.values()).count(_PROMOTED) for roles in (now, before)]
    return len(now) >= len(before) and promoted[0] >= promoted[1]


def _roles(cluster: Cluster, resource: str) -> dict[str, str]:
    """What a resource is on each node where it runs well, as the cluster says."""
    return {
        node: each.role
        for each in look(cluster).resources
        if each.id.partition(":")[0] == resource and each.active and not each.failed
        for node in each.nodes
    }


def _newer_file(wanted: WantedHost, facts: HostFacts, since: int, service: Service) -> str:
    """A file of the service that is newer than what began at `since`; empty if there is none."""
    # By the page's own paths: a file that two pages say is counted to one of them alone in `wanted`.
    said = {file.path for file in service.files} & {file.path for file in wanted.files}
    paths = sorted(path for path in said & set(facts.files) if _is_configuration(path))
    return next((path for path in paths if int(facts.files[path].changed) > since), "")


def _is_configuration(path: str) -> bool:
    """Whether a service reads a file when it starts; the kernel's and clients' files it does not."""
    return path.startswith("/etc/") and not path.startswith(_NOT_READ)
