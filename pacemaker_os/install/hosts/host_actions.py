"""Doing a host's work: packages, then units, then files; each step can be done again."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.changes.host_changes import HostWork
from pacemaker_os.install.facts.host_facts import NO_STARTS, POLICY
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.wanted import WantedFile
from pacemaker_os.transport.base import Transport

#: Seconds that the installation of packages may take.
_PACKAGES = 1800.0

#: Seconds between two attempts while another package tool is at work.
_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class PackageTool:
    """How a family of distributions installs packages: `begin` are commands before the one that installs."""

    begin: tuple[tuple[str, ...], ...]
    install: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


#: An installation that was cut off is ended first; then it is waited for whoever else installs.
_APT = PackageTool(
    begin=(("dpkg", "--configure", "-a"), ("apt-get", "-qq", "update")),
    install=(
        *("apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=600"),
        *("-o", "Dpkg::Options::=--force-confold", "install"),
    ),
    env=(("DEBIAN_FRONTEND", "noninteractive"),),
)

PACKAGE_TOOLS = {
    "debian": _APT,
    "ubuntu": _APT,
    "redhat": PackageTool(begin=(("dnf", "-q", "makecache"),), install=("dnf", "-q", "-y", "install")),
}

#: What package tools say while another one is at work, and how long that one is waited for, in seconds.
_LOCKED = ("unable to lock", "could not get lock", "is locked by another process")
_LOCK = 600.0


def install_packages(transport: Transport, family: str, names: Iterable[str]) -> None:
    """Install packages, and let none of them start anything."""
    tool = PACKAGE_TOOLS[family]
    with _nothing_started(transport, family):
        for line in (*tool.begin, [*tool.install, *names]):
            _patiently(transport, line, dict(tool.env))


def _patiently(transport: Transport, line: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a package tool; one that finds another at work is run again: that may be of a run cut off."""
    deadline = time.monotonic() + _LOCK
    while True:
        try:
            transport.run(line, env=env, timeout=_PACKAGES)
            return
        except CommandFailed as error:
            locked = any(word in error.stderr.lower() for word in _LOCKED)
            if not locked or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE)


@contextmanager
def _nothing_started(transport: Transport, family: str) -> Iterator[None]:
    """Lay down the file that Debian's packages ask before they start a service, unless there is one."""
    if family == "redhat" or _somebody_elses(transport):
        yield
        return
    transport.put(NO_STARTS, POLICY, mode=0o755)
    try:
        yield
    finally:
        transport.run(["rm", "-f", POLICY])


def _somebody_elses(transport: Transport) -> bool:
    """Whether there is such a file already that is not ours."""
    there = transport.run(["test", "-e", POLICY], ok=(0, 1)).status == 0
    return there and transport.get(POLICY) != NO_STARTS


def settle_units(transport: Transport, work: HostWork) -> None:
    """Take units out of systemd's hands; what runs goes on running until Pacemaker says otherwise."""
    if work.mask:
        transport.run(["systemctl", "mask", "--now", *work.mask])
    if work.disable:
        transport.run(["systemctl", "disable", *work.disable], timeout=120)


def write_files(
    transport: Transport, files: Iterable[WantedFile], folders: Iterable[tuple[str, str]]
) -> None:
    """Write files, and make the folders that they and their services need."""
    pieces: list[dict[str, object]] = [
        {"do": "folder", "path": path, "owner": owner} for path, owner in folders
    ]
    pieces += [file_piece(file) for file in files]
    if not pieces:
        return
    run_program(transport, "write_files", pieces)
    if any("/systemd/" in str(piece["path"]) for piece in pieces):
        transport.run(["systemctl", "daemon-reload"], timeout=120)


def file_piece(file: WantedFile) -> dict[str, object]:
    """A file as the program `write` takes it."""
    content = base64.b64encode(file.content.reveal().encode()).decode()
    return {"do": "file", "path": file.path, "content": content, "owner": file.owner, "mode": file.mode}


def load_settings(transport: Transport, paths: Iterable[str]) -> None:
    """Give the kernel the values of these files."""
    for path in paths:
        transport.run(["sysctl", "-q", "-p", path])
