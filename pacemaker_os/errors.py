"""One small tree of exceptions. Every error has a stable code and says what to do.

    PacemakerOsError
    ├── InputError          the user's words are wrong: problems with file, line and column
    ├── TransportError      a command could not be run where it had to run
    │   ├── CommandFailed   it ran and said no
    │   └── CommandTimeout  it ran longer than it was given
    ├── ClusterError        the cluster cannot be read, or refused what was asked
    │   ├── Conflict        somebody else changed the configuration meanwhile   (exit 3)
    │   ├── NotAllowed      the effects were not allowed                        (exit 4)
    │   └── NotSettled      the cluster did not come to rest in the time given
    └── LabError            the laboratory of containers cannot be built or found

The exit status that `pcs-os` ends with is the class's own `exit_status`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it.

    `line` and `column` count from 1; 0 means that there is no such place (a whole file, a command).
    """

    file: str
    line: int
    column: int
    message: str
    code: str

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return f"{place}: {self.message} [{self.code}]"


class PacemakerOsError(Exception):
    """Base of everything that this project raises on purpose."""

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What went wrong, piece by piece; one piece without a place unless a subclass knows better."""
        return (Problem("pcs-os", 0, 0, str(self), self.code),)


class InputError(PacemakerOsError):
    """The user's words are wrong; `problems` holds everything that was found, in order of place."""

    code = "input"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self._problems)))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class TransportError(PacemakerOsError):
    """A command could not be run where it had to run (no such container, ssh refused)."""

    code = "unreachable"


class CommandFailed(TransportError):
    """A command ran and ended with another status than it should; `stderr` is what it said."""

    code = "command-failed"

    def __init__(self, where: str, argv: Sequence[str], status: int, stderr: str) -> None:
        self.argv, self.status, self.stderr = tuple(argv), status, stderr
        said = stderr.strip() or "it said nothing"
        super().__init__(f"{where}: `{' '.join(argv)}` ended with status {status}: {said}")


class CommandTimeout(TransportError):
    """A command ran longer than it was given, in seconds."""

    code = "command-timeout"

    def __init__(self, where: str, argv: Sequence[str], seconds: float) -> None:
        self.argv, self.seconds = tuple(argv), seconds
        super().__init__(f"{where}: `{' '.join(argv)}` had no end after {seconds:g} s")


class ClusterError(PacemakerOsError):
    """The cluster cannot be read, or refused what was asked."""

    code = "cluster"


class Conflict(ClusterError):
    """Somebody else changed the configuration between the plan and the push; nothing was written."""

    code = "conflict"
    exit_status = 3


class NotAllowed(ClusterError):
    """The plan has effects that the caller did not allow; nothing was written."""

    code = "not-allowed"
    exit_status = 4


class NotSettled(ClusterError):
    """The configuration was written, but the cluster did not come to rest in the time given."""

    code = "not-settled"


class LabError(PacemakerOsError):
    """The laboratory of containers cannot be built, found or used."""

    code = "lab"
