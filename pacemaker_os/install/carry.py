"""Doing a host's work: packages, then units, then files; each step can be done again."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from pacemaker_os.install.host_work import HostWork
from pacemaker_os.install.on_node import run_program
from pacemaker_os.openstack.wanted import WantedFile
from pacemaker_os.transport.base import Transport

#: Seconds that the installation of packages may take.
_PACKAGES = 1800.0

#: With this file Debian's packages start no service while they are installed.
_POLICY = "/usr/sbin/policy-rc.d"


@dataclass(frozen=True, slots=True)
class PackageTool:
    """How a family of distributions installs packages."""

    refresh: tuple[str, ...]
    install: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


PACKAGE_TOOLS = {
    "debian": PackageTool(
        refresh=("apt-get", "-qq", "update"),
        install=("apt-get", "-qq", "-y", "-o", "Dpkg::Options::=--force-confold", "install"),
        env=(("DEBIAN_FRONTEND", "noninteractive"),),
    ),
    "redhat": PackageTool(refresh=("dnf", "-q", "makecache"), install=("dnf", "-q", "-y", "install")),
}


def install_packages(transport: Transport, family: str, names: Iterable[str]) -> None:
    """Install packages, and let none of them start anything."""
    tool = PACKAGE_TOOLS[family]
    env = dict(tool.env)
    transport.run(tool.refresh, env=env, timeout=_PACKAGES)
    if family != "debian":
        transport.run([*tool.install, *names], env=env, timeout=_PACKAGES)
        return
    kept = transport.run(["test", "-e", _POLICY], ok=(0, 1)).status == 0
    if not kept:
        transport.put(b"#!/bin/sh\nexit 101\n", _POLICY, mode=0o755)
    try:
        transport.run([*tool.install, *names], env=env, timeout=_PACKAGES)
    finally:
        if not kept:
            transport.run(["rm", "-f", _POLICY])


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
    run_program(transport, "write", pieces)
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
