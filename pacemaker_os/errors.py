"""The exceptions of this project. Each has a stable code and names a remedy.

    PacemakerOsError
    ├── InputError          invalid input: problems with file, line and column
    ├── TransportError      a command could not be run on its node
    │   ├── CommandFailed   the command exited with an unexpected status
    │   └── CommandTimeout  the command exceeded its timeout
    ├── ClusterError        the cluster could not be read, or rejected a request
    │   ├── Conflict        another writer changed the configuration   (exit status 3)
    │   ├── UnreadableFile  a CIB file could not be read
    │   │   └── MissingFile the CIB file does not exist
    │   ├── NotAllowed      the plan has effects that are not allowed  (exit status 4)
    │   └── NotSettled      the cluster did not settle before the timeout
    └── LabError            the lab cannot be created or found

`exit_status` of the class is the exit status of `pcs-os`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem with its position, its cause and its remedy.

    `line` and `column` count from 1; 0 means that there is no such position (a whole file, a command).
    """

    file: str
    line: int
    column: int
    message: str
    code: str

    def __str__(self) -> str:
        position = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return f"{position}: {self.message} [{self.code}]"


class PacemakerOsError(Exception):
    """Base class of all expected errors."""

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The individual problems; a single one without a position unless a subclass knows more."""
        return (Problem("pcs-os", 0, 0, str(self), self.code),)


class InputError(PacemakerOsError):
    """Invalid input; `problems` holds all problems, sorted by position."""

    code = "input"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self._problems)))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class TransportError(PacemakerOsError):
    """A command could not be run on its node (unknown container, SSH connection refused)."""

    code = "unreachable"


class CommandFailed(TransportError):
    """A command exited with an unexpected status; `stderr` is its error output."""

    code = "command-failed"

    def __init__(self, where: str, argv: Sequence[str], status: int, stderr: str) -> None:
        self.argv, self.status, self.stderr = tuple(argv), status, stderr
        detail = f": {stderr.strip()}" if stderr.strip() else " (no error output)"
        super().__init__(f"{where}: `{' '.join(argv)}` failed with exit status {status}{detail}")


class CommandTimeout(TransportError):
    """A command exceeded its timeout, in seconds."""

    code = "command-timeout"

    def __init__(self, where: str, argv: Sequence[str], seconds: float) -> None:
        self.argv, self.seconds = tuple(argv), seconds
        super().__init__(f"{where}: `{' '.join(argv)}` timed out after {seconds:g} s")


class ClusterError(PacemakerOsError):
    """The cluster could not be read, or rejected a request."""

    code = "cluster"


class UnreadableFile(ClusterError):
    """A CIB file could not be read. Its problem has the path, like those of documents."""

    code = "unreadable"

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.path, 0, 0, self.reason, self.code),)


class MissingFile(UnreadableFile):
    """A CIB file does not exist."""

    code = "no-such-file"

    def __init__(self, path: str, remedy: str = "") -> None:
        super().__init__(path, f"file not found{remedy}")


class Conflict(ClusterError):
    """Another writer changed the configuration between plan and push; nothing was written."""

    code = "conflict"
    exit_status = 3


class NotAllowed(ClusterError):
    """The plan has effects that the caller does not allow; nothing was written."""

    code = "not-allowed"
    exit_status = 4


class NotSettled(ClusterError):
    """The configuration was written, but the cluster did not settle before the timeout."""

    code = "not-settled"


class LabError(PacemakerOsError):
    """The lab cannot be created, found or used."""

    code = "lab"


def file_problem(path: str, error: OSError | ValueError, remedy: str = "") -> Problem:
    """Return the problem that a file cannot be read; `remedy` applies if it does not exist."""
    missing = isinstance(error, FileNotFoundError)
    reason = read_failure(error) + (remedy if missing else "")
    return Problem(path, 0, 0, reason, MissingFile.code if missing else UnreadableFile.code)


def read_failure(error: OSError | ValueError) -> str:
    """Return why a file cannot be read."""
    if isinstance(error, IsADirectoryError):
        return "this is a directory; specify a file"
    if isinstance(error, FileNotFoundError):
        return "file not found"
    if isinstance(error, OSError):
        return f"cannot read the file: {(error.strerror or str(error)).lower()}"
    return str(error)
