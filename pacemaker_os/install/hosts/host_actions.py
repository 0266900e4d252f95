"""Actions that apply host changes: packages, units, files and kernel settings. All are idempotent."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.changes.host_changes import HostChanges
from pacemaker_os.install.facts.host_facts import NO_STARTS, POLICY
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.desired import DesiredFile
from pacemaker_os.openstack.families import FAMILIES, PackageManager
from pacemaker_os.transport.base import Transport

#: Timeout of a package manager command, in seconds.
_PACKAGE_TIMEOUT = 1800.0

#: Parts of error messages of a package manager while another one holds its lock.
_LOCKED = ("unable to lock", "could not get lock", "is locked by another process")

#: Maximum time to wait for that lock, and interval between two attempts, in seconds.
_LOCK_TIMEOUT, _LOCK_INTERVAL = 600.0, 2.0


def install_packages(transport: Transport, family: str, names: Iterable[str]) -> None:
    """Install packages without starting their services."""
    manager = FAMILIES[family].packages
    with _without_service_starts(transport, manager):
        for argv in (*manager.prepare, [*manager.install, *names]):
            _retry_while_locked(transport, argv, dict(manager.environment))


def _retry_while_locked(transport: Transport, argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a package manager. Retry while another one, such as that of an interrupted run, holds its lock."""
    deadline = time.monotonic() + _LOCK_TIMEOUT
    while True:
        try:
            transport.run(argv, env=env, timeout=_PACKAGE_TIMEOUT)
            return
        except CommandFailed as error:
            locked = any(phrase in error.stderr.lower() for phrase in _LOCKED)
            if not locked or time.monotonic() > deadline:
                raise
        time.sleep(_LOCK_INTERVAL)


@contextmanager
def _without_service_starts(transport: Transport, manager: PackageManager) -> Iterator[None]:
    """Keep packages from starting services with policy-rc.d, unless the host has its own policy-rc.d."""
    if not manager.starts_services or _has_foreign_policy(transport):
        yield
        return
    transport.put(NO_STARTS, POLICY, mode=0o755)
    try:
        yield
    finally:
        transport.run(["rm", "-f", POLICY])


def _has_foreign_policy(transport: Transport) -> bool:
    """Return whether the host has a policy-rc.d that pcs-os did not write."""
    exists = transport.run(["test", "-e", POLICY], ok=(0, 1)).status == 0
    return exists and transport.get(POLICY) != NO_STARTS


def disable_units(transport: Transport, changes: HostChanges) -> None:
    """Mask and disable units. Disabled units keep running until Pacemaker takes action on them."""
    if changes.mask:
        transport.run(["systemctl", "mask", "--now", *changes.mask])
    if changes.disable:
        transport.run(["systemctl", "disable", *changes.disable], timeout=120)


def write_files(
    transport: Transport, files: Iterable[DesiredFile], directories: Iterable[tuple[str, str]]
) -> None:
    """Write files, and create the directories that services need."""
    entries: list[dict[str, object]] = [
        {"action": "directory", "path": path, "owner": owner} for path, owner in directories
    ]
    entries += [file_entry(file) for file in files]
    if not entries:
        return
    run_program(transport, "write_files", entries)
    if any("/systemd/" in str(entry["path"]) for entry in entries):
        transport.run(["systemctl", "daemon-reload"], timeout=120)


def file_entry(file: DesiredFile) -> dict[str, object]:
    """Return a file as the program `write_files` expects it."""
    content = base64.b64encode(file.content.reveal().encode()).decode()
    return {"action": "file", "path": file.path, "content": content, "owner": file.owner, "mode": file.mode}


def load_kernel_settings(transport: Transport, paths: Iterable[str]) -> None:
    """Load these sysctl files into the kernel."""
    for path in paths:
        transport.run(["sysctl", "-q", "-p", path])
