"""Processes as they are, not as a number in a file says: identity, the tree below one, and its end."""

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
    """The fields of /proc/PID/stat after the program's name: state, parent, ... Empty when it is gone."""
    # The name is in brackets and may itself hold spaces and brackets.
    return (files.read(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()


class Process:
    """One process: its number and the moment it started, so that a number used again is another process.

    `started` counts clock ticks since the machine's boot (proc(5), stat field 22).
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
        """The living process that has this number now."""
        fields = stat(pid) if pid > 0 else []
        if not fields or fields[0] in "ZX":
            return None
        return cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; one that only waits to be reaped does not."""
        return Process.find(self.pid) == self

    @property
    def parent(self) -> int:
        """The number of the parent, 0 when this process is gone."""
        fields = stat(self.pid)
        return int(fields[1]) if fields else 0

    @property
    def cpu_seconds(self) -> float:
        """Seconds of processor time that it has used; 0.0 when it is gone."""
        fields = stat(self.pid)
        return sum(int(ticks) for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")

    @property
    def program(self) -> str:
        """The path of its executable, also when that was replaced on disk meanwhile; empty when not known."""
        return files.link(f"/proc/{self.pid}/exe").removesuffix(" (deleted)")

    @property
    def arguments(self) -> list[str]:
        """Its command line; empty when it is gone."""
        return (files.read(f"/proc/{self.pid}/cmdline") or "").split("\0")[:-1]

    def signal(self, number: int) -> None:
        """Send a signal, if it is still this process."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def tree(self) -> list[Process]:
        """This process and every descendant, parents first."""
        children: dict[int, list[Process]] = {}
        for process in processes():
            children.setdefault(process.parent, []).append(process)
        found = [self] if self.alive else []
        for process in found:
            found.extend(children.get(process.pid, []))
        return found


class IdleTimer:
    """How long a process has done next to nothing, which waiting alone does not tell from hard work.

    Next to nothing is a second of processor time in all. `now` is any clock, in seconds.
    """

    def __init__(self, process: Process, now: float) -> None:
        self._process, self._since, self._used = process, now, process.cpu_seconds

    def seconds(self, now: float) -> float:
        """Seconds since it last did something."""
        used = self._process.cpu_seconds
        if used - self._used > 1.0:
            self._since, self._used = now, used
        return now - self._since


def processes() -> Iterator[Process]:
    """Every living process of this machine."""
    for name in files.names("/proc"):
        if name.isdigit():
            process = Process.find(int(name))
            if process:
                yield process


def kill_tree(root: Process) -> None:
    """Kill a process and every descendant.

    Each is halted before its children are looked for, so that none escapes by having children meanwhile.
    """
    halted: set[Process] = set()
    while fresh := [process for process in root.tree() if process not in halted]:
        for process in fresh:
            process.signal(signal.SIGSTOP)
        halted.update(fresh)
    for process in halted:
        process.signal(signal.SIGKILL)


def end(process: Process, deadline: Deadline, *, grace: float | None = None) -> str:
    """End a process: ask with SIGTERM, and kill its whole tree when it has not ended in `grace` seconds.

    Without `grace` it has two thirds of the time left. Returns how it ended: `gone` (it was no more),
    `ended` or `killed`; `alive` when even that did not help (a process in uninterruptible sleep), which
    the caller must report as the failure it is.
    """
    if not process.alive:
        return "gone"
    process.signal(signal.SIGTERM)
    limit = deadline.part(2 / 3) if grace is None else deadline.within(grace)
    if limit.try_wait(lambda: not process.alive, every=0.05):
        return "ended"
    kill_tree(process)
    return "killed" if deadline.try_wait(lambda: not process.alive, every=0.05) else "alive"
