"""Runs on a node: prints the facts that a query asks for. Changes nothing."""

from __future__ import annotations

import contextlib
import grp
import hashlib
import json
import pwd
import shutil
import socket
import stat
import subprocess
from pathlib import Path
from typing import Any

#: Arguments with which each package manager prints a line per package: name, status and version.
PACKAGE_TOOLS = {
    "dpkg-query": ["-W", "-f", "${Package}\t${db:Status-Status}\t${Version}\n"],
    "rpm": ["-q", "--qf", "%{NAME}\tinstalled\t%{VERSION}-%{RELEASE}\n"],
}

UNIT_PROPERTIES = (
    *("LoadState", "UnitFileState", "ActiveState", "Restart", "CanReload"),
    *("ActiveEnterTimestamp", "StateChangeTimestamp"),
    *("ConditionResult", "ConditionTimestamp"),
)

#: Maximum size of a file whose text is part of the facts, in bytes.
TEXT_LIMIT = 256 * 1024


def main(query: dict[str, Any]) -> None:
    """Print the facts that `query` asks for."""
    response = {
        "packages": packages(query["packages"]),
        "files": {path: file_facts(Path(path), digest) for path, digest in query["files"].items()},
        "directories": {path: owner(Path(path)) for path in query["directories"]},
        "units": units(query["units"]),
        "daemons": {name: daemon_since(Path(path)) for name, path in query["daemons"].items()},
        "names": {name: addresses(name) for name in query["names"]},
        "settings": {key: kernel_setting(key) for key in query["settings"]},
        "stamps": stamps(Path(query["stamps"])),
        "member": Path("/etc/corosync/corosync.conf").exists(),
    }
    print(json.dumps(response))


def packages(names: list[str]) -> dict[str, str]:
    """Return the versions of the packages that are installed."""
    tool = next((name for name in PACKAGE_TOOLS if shutil.which(name)), None)
    if tool is None or not names:
        return {}
    argv = [tool, *PACKAGE_TOOLS[tool], *names]
    completed = subprocess.run(argv, capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in completed.stdout.splitlines()]
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def file_facts(path: Path, desired: str) -> dict[str, Any] | None:
    """Return digest, owner, mode and time of a file, and its text if its digest is not `desired`."""
    try:
        data, status = path.read_bytes(), path.stat()
    except OSError:
        return None
    digest = hashlib.sha256(data).hexdigest()
    include_text = digest != desired and len(data) <= TEXT_LIMIT
    return {
        "digest": digest,
        "owner": owner(path),
        "mode": stat.S_IMODE(status.st_mode),
        "changed": status.st_mtime,
        "text": data.decode("utf-8", "replace") if include_text else "",
    }


def owner(path: Path) -> str | None:
    """Return the owner and group of a file or directory, by name if they have one."""
    try:
        status = path.stat()
    except OSError:
        return None
    user, group = str(status.st_uid), str(status.st_gid)
    with contextlib.suppress(KeyError):
        user = pwd.getpwuid(status.st_uid).pw_name
    with contextlib.suppress(KeyError):
        group = grp.getgrgid(status.st_gid).gr_name
    return f"{user}:{group}"


def units(names: list[str]) -> dict[str, dict[str, str]]:
    """Return the systemd properties of each unit."""
    if not names:
        return {}
    argv = ["systemctl", "show", "--timestamp=unix", *(f"--property={name}" for name in UNIT_PROPERTIES)]
    completed = subprocess.run([*argv, *names], capture_output=True, text=True, check=False)
    blocks = completed.stdout.strip("\n").split("\n\n")
    return {
        name: dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for name, block in zip(names, blocks, strict=False)
    }


def daemon_since(record: Path) -> int:
    """Return when an agent recorded its daemon, in whole seconds; 0 if the daemon no longer runs."""
    try:
        pid, started = record.read_text().split()
        # The second field, the program name in parentheses, can contain spaces and parentheses.
        fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
        return int(record.stat().st_mtime) if fields[19] == started and fields[0] not in "ZX" else 0
    except (OSError, ValueError, IndexError):
        return 0


def addresses(name: str) -> list[str]:
    """Return the addresses that a host name resolves to on this node."""
    try:
        found = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
    except OSError:
        return []
    return sorted({str(each[4][0]) for each in found})


def kernel_setting(key: str) -> str:
    """Return the value of a kernel setting, with single spaces."""
    try:
        return " ".join(Path("/proc/sys", *key.split(".")).read_text().split())
    except OSError:
        return ""


def stamps(directory: Path) -> dict[str, str]:
    """Return the content of the stamp files of completed jobs."""
    if not directory.is_dir():
        return {}
    return {path.name: path.read_text().strip() for path in directory.iterdir() if path.is_file()}
