"""Runs on a node: says what is there of what it is asked about. Changes nothing."""

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

#: How to ask for packages, by the program that answers: a name, a tab and a version a line.
PACKAGE_TOOLS = {
    "dpkg-query": ["-W", "-f", "${Package}\t${db:Status-Status}\t${Version}\n"],
    "rpm": ["-q", "--qf", "%{NAME}\tinstalled\t%{VERSION}-%{RELEASE}\n"],
}

UNIT_PROPERTIES = (
    *("LoadState", "UnitFileState", "ActiveState", "Restart", "CanReload"),
    *("ActiveEnterTimestamp", "StateChangeTimestamp"),
    *("ConditionResult", "ConditionTimestamp"),
)

#: A file longer than this is not shown in a difference, in bytes.
SHOWN = 256 * 1024


def main(question: dict[str, Any]) -> None:
    """Answer everything that `question` asks."""
    answer = {
        "packages": packages(question["packages"]),
        "files": {path: file_facts(Path(path), digest) for path, digest in question["files"].items()},
        "folders": {path: owner(Path(path)) for path in question["folders"]},
        "units": units(question["units"]),
        "daemons": {name: daemon_since(Path(path)) for name, path in question["daemons"].items()},
        "names": {name: addresses(name) for name in question["names"]},
        "settings": {key: setting(key) for key in question["settings"]},
        "stamps": stamps(Path(question["stamps"])),
        "members": Path("/etc/corosync/corosync.conf").exists(),
    }
    print(json.dumps(answer))


def packages(names: list[str]) -> dict[str, str]:
    """The versions of those packages that are installed."""
    tool = next((name for name in PACKAGE_TOOLS if shutil.which(name)), None)
    if tool is None or not names:
        return {}
    done = subprocess.run([tool, *PACKAGE_TOOLS[tool], *names], capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "installed"}


def file_facts(path: Path, wanted: str) -> dict[str, Any] | None:
    """Digest, owner, mode and time of a file, and its text where it is not as wanted."""
    try:
        data, seen = path.read_bytes(), path.stat()
    except OSError:
        return None
    digest = hashlib.sha256(data).hexdigest()
    different = digest != wanted and len(data) <= SHOWN
    return {
        "digest": digest,
        "owner": owner(path),
        "mode": stat.S_IMODE(seen.st_mode),
        "changed": seen.st_mtime,
        "text": data.decode("utf-8", "replace") if different else "",
    }


def owner(path: Path) -> str | None:
    """The owner and group of what lies there, by name where they have one."""
    try:
        seen = path.stat()
    except OSError:
        return None
    user, group = str(seen.st_uid), str(seen.st_gid)
    with contextlib.suppress(KeyError):
        user = pwd.getpwuid(seen.st_uid).pw_name
    with contextlib.suppress(KeyError):
        group = grp.getgrgid(seen.st_gid).gr_name
    return f"{user}:{group}"


def units(names: list[str]) -> dict[str, dict[str, str]]:
    """What systemd says of each unit."""
    if not names:
        return {}
    line = ["systemctl", "show", "--timestamp=unix", *(f"--property={name}" for name in UNIT_PROPERTIES)]
    done = subprocess.run([*line, *names], capture_output=True, text=True, check=False)
    blocks = done.stdout.strip("\n").split("\n\n")
    return {
        name: dict(word.split("=", 1) for word in block.splitlines() if "=" in word)
        for name, block in zip(names, blocks, strict=False)
    }


def daemon_since(record: Path) -> int:
    """When an agent noted the daemon that it had started, in whole seconds; 0 if that one runs no more."""
    try:
        pid, started = record.read_text().split()
        # The name of the program is in brackets, and may itself hold blanks and brackets.
        fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
        return int(record.stat().st_mtime) if fields[19] == started and fields[0] not in "ZX" else 0
    except (OSError, ValueError, IndexError):
        return 0


def addresses(name: str) -> list[str]:
    """What a name stands for on this node."""
    try:
        found = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
    except OSError:
        return []
    return sorted({str(each[4][0]) for each in found})


def setting(key: str) -> str:
    """The value of a kernel setting, with single spaces."""
    try:
        return " ".join(Path("/proc/sys", *key.split(".")).read_text().split())
    except OSError:
        return ""


def stamps(folder: Path) -> dict[str, str]:
    """What was noted here of jobs that are done."""
    if not folder.is_dir():
        return {}
    return {path.name: path.read_text().strip() for path in folder.iterdir() if path.is_file()}
