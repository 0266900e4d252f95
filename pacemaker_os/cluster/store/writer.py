"""The process that makes an apply."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pacemaker_os.dataclass import dataclass

#: The position of the start time in /proc/PID/stat, after the name of the program (proc(5)).
_START_TIME = 19


@dataclass(frozen=True, slots=True)
class Writer:
    """A process: its user, host and process ID.

    `started` identifies the process among all that ever have this ID on this host.
    """

    user: str = ""
    host: str = ""
    pid: int = 0
    started: str = ""

    @classmethod
    def current(cls) -> Writer:
        """Return this process."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = str(os.getuid())
        user = f"{os.environ['SUDO_USER']} ({user})" if os.environ.get("SUDO_USER") else user
        return cls(user, os.uname().nodename, os.getpid(), _started(os.getpid()))

    @property
    def runs(self) -> bool | None:
        """Whether the process still runs; None if it is a process of another host."""
        if not self.host or self.host != os.uname().nodename:
            return None
        return bool(self.started) and _started(self.pid) == self.started

    def __str__(self) -> str:
        return f"{self.user}@{self.host}" if self.host else ""

    def to_json(self) -> dict[str, Any]:
        """Return the process as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Writer:
        """Read the result of `to_json`."""
        return cls(str(data["user"]), str(data["host"]), int(data["pid"]), str(data["started"]))


def _started(pid: int) -> str:
    """Return when a process started, after which start of the host; empty if there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}:{fields[_START_TIME]}"
