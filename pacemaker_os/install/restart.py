"""Restarting what runs with an older configuration than that which lies there: node by node.

Nothing is remembered for this: a unit that became active before one of its service's files was written
runs with what the file said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pacemaker_os.install.facts import HostFacts
from pacemaker_os.install.run import Run
from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.render import unit_name
from pacemaker_os.openstack.wanted import WantedHost

#: Files that come with a service and that its units do not read.
_NOT_READ = ("/etc/sysctl.d/", "/etc/modules-load.d/", "/etc/systemd/")

#: Seconds that a resource may take to stop and start again on a node.
_TIMEOUT = 300


@dataclass(frozen=True, slots=True)
class Stale:
    """A resource that runs on a node with an older configuration; `because` is the newer file.

    `unit` can take its configuration in while it runs if `reloads`.
    """

    node: str
    resource: str
    unit: str
    single: bool
    reloads: bool
    because: str


def stale(run: Run, services: Iterable[str]) -> Iterator[Stale]:
    """What runs with an older configuration, by service, and of each service by node."""
    for service in services:
        for unit in CATALOGUE[service].units:
            for node, facts in run.facts.items():
                for name in map(unit_name, unit.unit.of(run.cloud.family)):
                    file = _newer_file(run.wanted[node], facts, name, service)
                    if file:
                        reloads = facts.units[name].reloads
                        yield Stale(node, unit.resource, name, unit.single, reloads, file)


def restart_stale(run: Run, services: Iterable[str]) -> None:
    """Restart what runs with an older configuration, one after the other."""
    for found in list(stale(run, services)):
        _restart(run, found)


def _restart(run: Run, found: Stale) -> None:
    """Reload a unit that can, else restart its resource on the node, and wait until it runs again."""
    verb = "reload" if found.reloads else "restart"
    with run.step(found.node, f"{verb} {found.resource}: {found.because} is newer"):
        if found.reloads:
            run.transports[found.node].run(["systemctl", "reload", found.unit], timeout=_TIMEOUT)
        else:
            run.transports[run.first].run(_line(found), timeout=_TIMEOUT + 30)
    run.note_change(found.node, f"{verb} of {found.resource}")


def _line(found: Stale) -> list[str]:
    """The command that stops and starts a resource; a clone only where it is stale."""
    which = [found.resource] if found.single else [f"{found.resource}-clone", "--node", found.node]
    return ["crm_resource", "--restart", f"--timeout={_TIMEOUT}s", "--resource", *which]


def _newer_file(wanted: WantedHost, facts: HostFacts, unit: str, service: str) -> str:
    """A file of the service that is newer than what the unit took in; empty if there is none."""
    state = facts.units.get(unit)
    if state is None or not state.active or unit not in wanted.owned:
        return ""
    # By the page's own paths: a file that two pages say is counted to one of them alone in `wanted`.
    said = {file.path for file in CATALOGUE[service].files} & {file.path for file in wanted.files}
    paths = sorted(path for path in said & set(facts.files) if _is_configuration(path))
    return next((path for path in paths if int(facts.files[path].changed) > state.since), "")


def _is_configuration(path: str) -> bool:
    """Whether a service reads a file when it starts; the kernel's and clients' files it does not."""
    return path.startswith("/etc/") and not path.startswith(_NOT_READ)
