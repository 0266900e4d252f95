"""Facts of a host: the actual state of everything that its desired state names. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.desired import DesiredFile

#: Directory of stamp files: one per completed job, which contains the digest of the job.
STAMPS = "/var/lib/pacemaker-os/jobs"

HOSTS = "/etc/hosts"

#: While this file exists and exits with status 101, Debian packages start no services (invoke-rc.d(8)).
POLICY = "/usr/sbin/policy-rc.d"

#: Content of that file. A file with this content is left over from an interrupted deployment.
NO_STARTS = b"#!/bin/sh\n# pcs-os deploy: no service starts while packages are installed.\nexit 101\n"

#: Directory in which pacemaker-os agents record the process ID and start time of their daemon.
DAEMONS = "/run/resource-agents"

#: Files in this directory contain kernel settings, which are compared with the running kernel.
SYSCTL_DIRECTORY = "/etc/sysctl.d/"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """An existing file; `changed` is its modification time in s, `text` its content if the digest differs."""

    digest: str
    owner: str
    mode: int
    changed: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A systemd unit; `since` is when it last read its configuration, in whole seconds, 0 if not active.

    A unit that `reloads` also reads its configuration when it is reloaded. The start of a unit with
    `condition_failed` was requested, but systemd skipped it because a condition was not met; an example is
    chrony in a container, which cannot set the clock.
    """

    known: bool
    enabled: str
    active: bool
    restart: str
    since: int
    reloads: bool = False
    condition_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """Facts of a host. They contain only what was queried.

    `daemons` maps resources whose agent runs a daemon on this host to the start time of the daemon, in whole
    seconds.
    """

    host: str
    packages: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, FileFacts] = field(default_factory=dict)
    directories: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, UnitFacts] = field(default_factory=dict)
    daemons: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    member: bool = False


def digest(file: DesiredFile) -> str:
    """Return the digest that a file should have."""
    return hashlib.sha256(file.content.reveal().encode()).hexdigest()


def kernel_settings(file: DesiredFile) -> list[tuple[str, str]]:
    """Return the kernel settings in a file; other files have none."""
    if not file.path.startswith(SYSCTL_DIRECTORY):
        return []
    lines = (line.partition("=") for line in file.content.reveal().splitlines() if "=" in line)
    return [
        (key.strip(), " ".join(value.split())) for key, _, value in lines if not key.lstrip().startswith("#")
    ]


def read_host_facts(host: str, response: dict[str, Any]) -> HostFacts:
    """Return the facts of a host from the response of the program `collect_facts`."""
    return HostFacts(
        host=host,
        packages=response["packages"],
        files={path: FileFacts(**values) for path, values in response["files"].items() if values},
        directories={path: owner for path, owner in response["directories"].items() if owner},
        units={name: unit_facts(properties) for name, properties in response["units"].items()},
        daemons={name: since for name, since in response["daemons"].items() if since},
        names={name: tuple(found) for name, found in response["names"].items()},
        settings=response["settings"],
        stamps=response["stamps"],
        member=response["member"],
    )


def unit_facts(properties: Mapping[str, str]) -> UnitFacts:
    """Return the facts of a unit from its systemd properties."""
    active, reloads = properties.get("ActiveState") == "active", properties.get("CanReload") == "yes"
    # A reload changes the state of a unit, too.
    since = properties.get("StateChangeTimestamp" if reloads else "ActiveEnterTimestamp", "").lstrip("@")
    condition_checked = bool(properties.get("ConditionTimestamp", "").strip("@0"))
    return UnitFacts(
        known=properties.get("LoadState") in ("loaded", "masked"),
        enabled=properties.get("UnitFileState", ""),
        active=active,
        restart=properties.get("Restart", ""),
        since=int(since) if active and since.isdigit() else 0,
        reloads=reloads,
        condition_failed=condition_checked and properties.get("ConditionResult") == "no",
    )
