"""What is there on a node, of what it shall have: one look, by one command."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.wanted import WantedFile, WantedHost
from pacemaker_os.transport.base import Transport

#: Where a node keeps what it knows of jobs that are done: a file each, holding the job's digest.
STAMPS = "/var/lib/pacemaker-os/jobs"

HOSTS = "/etc/hosts"

#: With this file Debian's packages start no service while they are installed.
POLICY = "/usr/sbin/policy-rc.d"

#: What is written there. A file with these words is ours, of a deployment that was cut off.
NO_STARTS = b"#!/bin/sh\n# pcs-os deploy: no service starts while packages are installed.\nexit 101\n"

#: Where our agents note the daemon that they started: its process and the moment that one began.
DAEMONS = "/run/resource-agents"

#: Files here are settings of the kernel, compared with what the kernel says.
SETTINGS = "/etc/sysctl.d/"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file that is there, changed at `changed` (s); `text` is given where the digest is another."""

    digest: str
    owner: str
    mode: int
    changed: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A systemd unit; `since` is when it took its configuration in, in whole seconds, 0 if it is not up.

    A unit that `reloads` takes it in while it runs, too. One that is `unfit` was asked to start, and left it,
    because a condition of its own is not met: chrony where nobody may set the clock, as in a container.
    """

    known: bool
    enabled: str
    active: bool
    restart: str
    since: int
    reloads: bool = False
    unfit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What one look found. Nothing in it is a guess: what was not asked is not in it.

    `daemons` says of resources whose agent runs a daemon here since when that one runs, in whole seconds.
    """

    host: str
    packages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, UnitFacts] = field(default_factory=dict)
    daemons: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    member: bool = False


def look(transport: Transport, wanted: WantedHost, names: Iterable[str]) -> HostFacts:
    """Ask a node about everything that `wanted` names. Raises TransportError."""
    question = {
        "packages": list(wanted.packages),
        "files": {HOSTS: "", POLICY: ""} | {file.path: digest(file) for file in wanted.files},
        "folders": [path for path, _ in wanted.folders],
        "units": [*wanted.owned, *wanted.masked, *wanted.enabled],
        "daemons": {name: f"{DAEMONS}/{agent}-{name}.daemon" for name, agent in wanted.daemons},
        "names": list(names),
        "settings": [key for file in wanted.files for key, _ in settings_of(file)],
        "stamps": STAMPS,
    }
    return _facts(wanted.host, run_program(transport, "collect_facts", question))


def digest(file: WantedFile) -> str:
    """The digest that a file shall have."""
    return hashlib.sha256(file.content.reveal().encode()).hexdigest()


def settings_of(file: WantedFile) -> list[tuple[str, str]]:
    """The kernel settings that a file says, if it is one of those."""
    if not file.path.startswith(SETTINGS):
        return []
    lines = (line.partition("=") for line in file.content.reveal().splitlines() if "=" in line)
    return [
        (key.strip(), " ".join(value.split())) for key, _, value in lines if not key.lstrip().startswith("#")
    ]


def _facts(host: str, answer: dict[str, Any]) -> HostFacts:
    return HostFacts(
        host=host,
        packages=answer["packages"],
        files={path: FileFacts(**said) for path, said in answer["files"].items() if said},
        folders={path: owner for path, owner in answer["folders"].items() if owner},
        units={name: unit_facts(said) for name, said in answer["units"].items()},
        daemons={name: since for name, since in answer["daemons"].items() if since},
        names={name: tuple(found) for name, found in answer["names"].items()},
        settings=answer["settings"],
        stamps=answer["stamps"],
        member=answer["members"],
    )


def unit_facts(said: Mapping[str, str]) -> UnitFacts:
    """What systemd says of a unit, by the names of its properties."""
    active, reloads = said.get("ActiveState") == "active", said.get("CanReload") == "yes"
    # The state of a unit changes when it is reloaded, too.
    since = said.get("StateChangeTimestamp" if reloads else "ActiveEnterTimestamp", "").removeprefix("@")
    return UnitFacts(
        known=said.get("LoadState") in ("loaded", "masked"),
        enabled=said.get("UnitFileState", ""),
        active=active,
        restart=said.get("Restart", ""),
        since=int(since) if active and since.isdigit() else 0,
        reloads=reloads,
        unfit=bool(said.get("ConditionTimestamp", "").strip("@0")) and said.get("ConditionResult") == "no",
    )
