"""Comparison of the desired state of a host with its facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pacemaker_os.dataclass import dataclass
from pacemaker_os.install.changes.hosts_file import desired_hosts_file
from pacemaker_os.install.facts.host_facts import (
    NO_STARTS,
    POLICY,
    FileFacts,
    HostFacts,
    digest,
    kernel_settings,
)
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost

#: States in which systemd does not start a unit at boot.
_NOT_STARTED = ("disabled", "masked", "static", "indirect", "masked-runtime", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChanges:
    """Pending changes of a host; it is false if there are none.

    `kernel_settings` are files whose values the kernel does not have yet. `leftovers` are files of an
    interrupted deployment.
    """

    host: str
    packages: tuple[str, ...] = ()
    files: tuple[DesiredFile, ...] = ()
    directories: tuple[tuple[str, str], ...] = ()
    disable: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    kernel_settings: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (
                *(self.packages, self.files, self.directories, self.disable, self.mask, self.enable),
                *(self.kernel_settings, self.leftovers),
            )
        )


def host_changes(desired: DesiredHost, facts: HostFacts, addresses: Mapping[str, str]) -> HostChanges:
    """Return the pending changes of a host; `addresses` are those of all nodes, by name."""
    files = [file for file in desired.files if file_difference(file, facts.files.get(file.path))]
    files += desired_hosts_file(facts, addresses)
    return HostChanges(
        host=desired.host,
        packages=tuple(name for name in desired.packages if name not in facts.packages),
        files=tuple(files),
        directories=tuple(pair for pair in desired.directories if facts.directories.get(pair[0]) != pair[1]),
        disable=tuple(name for name in desired.owned if _starts_at_boot(name, facts)),
        mask=tuple(name for name in desired.masked if not _is_masked(name, facts)),
        enable=tuple(name for name in desired.enabled if not _is_enabled(name, facts)),
        kernel_settings=tuple(
            file.path
            for file in desired.files
            if any(facts.settings.get(key) != value for key, value in kernel_settings(file))
        ),
        leftovers=_leftovers(facts),
    )


def file_difference(file: DesiredFile, current: FileFacts | None) -> str:
    """Return how a file differs from its desired state; an empty text if it does not."""
    if current is None:
        return "is missing"
    if current.digest != digest(file):
        return "has different content"
    if current.owner != file.owner:
        return f"is owned by {current.owner}, not {file.owner}"
    return f"has mode {current.mode:04o}, not {file.mode:04o}" if current.mode != file.mode else ""


def _leftovers(facts: HostFacts) -> tuple[str, ...]:
    """Return the file that keeps packages from starting services, if a deployment left it behind."""
    policy = facts.files.get(POLICY)
    return (POLICY,) if policy and policy.digest == hashlib.sha256(NO_STARTS).hexdigest() else ()


def _starts_at_boot(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    return unit is not None and unit.known and unit.enabled not in _NOT_STARTED


def _is_masked(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    return unit is not None and unit.enabled.startswith("masked")


def _is_enabled(name: str, facts: HostFacts) -> bool:
    unit = facts.units.get(name)
    if unit is None or unit.enabled not in ("enabled", "static"):
        return False
    return unit.active or unit.condition_failed
