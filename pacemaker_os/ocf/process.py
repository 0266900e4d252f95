"""Processes, identified by PID and start time: find them, list their descendants, and end them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from pacemaker_os.ocf import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pacemaker_os.ocf.deadline import Deadline


def stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the program name: state, parent, ...; none if it ended."""
    # The program name is in parentheses and may itself contain spaces and parentheses.
    return (files.read(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()


class Process:
    """A process, identified by its PID and start time, so that a reused PID is recognized.

    `started` counts clock ticks since boot (proc(5), stat field 22).
    """

    __slots__ = ("pid", "started")

    def __init__(self, pid: int, started: int) -> None:
        self.pid, self.started = pid, started

    def __str__(self) -> str:
        return f"{self.pid} {self.started}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Process) and (self.pid, self.started) == (other.pid, other.started)

    def __hash__(self) -> int:
        return hash((self.pid, self.started))

    @classmethod
    def find(cls, pid: int) -> Process | None:
        """Return the running process with this PID, or None."""
        fields = stat(pid) if pid > 0 else []
        if not fields or fields[0] in "ZX":
            return None
        return cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        """Whether this process still runs. A zombie does not count as running."""
        return Process.find(self.pid) == self

    @property
    def parent(self) -> int:
        """The PID of the parent, or 0 if this process has ended."""
        fields = stat(self.pid)
        return int(fields[1]) if fields else 0

    @property
    def session(self) -> int:
        """The ID of its session, which is the PID of the first process in it; 0 if this process has ended."""
        fields = stat(self.pid)
        return int(fields[3]) if fields else 0

    @property
    def directory(self) -> str:
        """Its current directory; empty if unknown."""
        return files.link(f"/proc/{self.pid}/cwd")

    @property
    def cpu_seconds(self) -> float:
        """The CPU time that the process has used, in seconds; 0.0 if it has ended."""
        fields = stat(self.pid)
        return sum(int(ticks) for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")

    @property
    def program(self) -> str:
        """The path of its executable, even if that was replaced on disk since; empty if unknown."""
        return files.link(f"/proc/{self.pid}/exe").removesuffix(" (deleted)")

    @property
    def arguments(self) -> list[str]:
        """The command line; empty if the process has ended."""
        return (files.read(f"/proc/{self.pid}/cmdline") or "").split("\0")[:-1]

    def signal(self, number: int) -> None:
        """Send a signal if the process still runs."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def tree(self) -> list[Process]:
        """Return this process and all its descendants, parents first."""
        children: dict[int, list[Process]] = {}
        for process in processes():
            children.setdefault(process.parent, []).append(process)
        found = [self] if self.alive else []
        for process in found:
            found.extend(children.get(process.pid, []))
        return found


class IdleTimer:
    """Measures how long a process has been idle, which distinguishes waiting from hard work.

    A process counts as idle until it uses another second of CPU time. `now` is the time of any clock, in
    seconds.
    """

    def __init__(self, process: Process, now: float) -> None:
        self._process, self._since, self._used = process, now, process.cpu_seconds

    def seconds(self, now: float) -> float:
        """Return the number of seconds since the process last did work."""
        used = self._process.cpu_seconds
        if used - self._used > 1.0:
            self._since, self._used = now, used
        return now - self._since


def processes() -> Iterator[Process]:
    """Yield every running process of this host."""
    for name in files.names("/proc"):
        if name.isdigit():
            process = Process.find(int(name))
            if process:
                yield process


def kill_tree(root: Process) -> None:
    """Kill a process and all its descendants.

    Each process is stopped with SIGSTOP before its children are listed, so that it cannot fork meanwhile.
    """
    halted: set[Process] = set()
    while fresh := [process for process in root.tree() if process not in halted]:
        for process in fresh:
            process.signal(signal.SIGSTOP)
        halted.update(fresh)
    for process in halted:
        process.signal(signal.SIGKILL)


def end(process: Process, deadline: Deadline, *, grace: float | None = None) -> str:
    """End a process with SIGTERM; kill it and its descendants if it still runs after `grace` seconds.

    The default of `grace` is two thirds of the time left. Returns `gone` (it had already ended), `ended`,
    `killed`, or `alive` if it survived SIGKILL (uninterruptible sleep), which the caller must report as a
    failure.
    """
    if not process.alive:
        return "gone"
    process.signal(signal.SIGTERM)
    limit = deadline.part(2 / 3) if grace is None else deadline.within(grace)
    if limit.try_wait(lambda: not process.alive, every=0.05):
        return "ended"
    kill_tree(process)
    return "killed" if deadline.try_wait(lambda: not process.alive, every=0.05) else "alive"
