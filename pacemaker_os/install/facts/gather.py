"""Gathering of host facts, with one command per host."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.install.facts.host_facts import (
    DAEMONS,
    HOSTS,
    POLICY,
    STAMPS,
    HostFacts,
    digest,
    kernel_settings,
    read_host_facts,
)
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.desired import DesiredHost
from pacemaker_os.transport.base import Transport


def gather_host_facts(transport: Transport, desired: DesiredHost, names: Iterable[str]) -> HostFacts:
    """Gather facts about everything that `desired` names, and about host `names`. Raises TransportError."""
    query = {
        "packages": list(desired.packages),
        "files": {HOSTS: "", POLICY: ""} | {file.path: digest(file) for file in desired.files},
        "directories": [path for path, _ in desired.directories],
        "units": [*desired.owned, *desired.masked, *desired.enabled],
        "daemons": {name: f"{DAEMONS}/{agent}-{name}.daemon" for name, agent in desired.daemons},
        "names": list(names),
        "settings": [key for file in desired.files for key, _ in kernel_settings(file)],
        "stamps": STAMPS,
    }
    return read_host_facts(desired.host, run_program(transport, "collect_facts", query))
