"""The protocol that every transport speaks, and the values that it speaks in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pacemaker_os.secret import Secret

#: What a command may print before it is stopped, in bytes (a CIB of 5,000 clones is about 4 MiB).
OUTPUT_LIMIT = 64 * 1024 * 1024

#: How long a command may take unless the caller says otherwise, in seconds.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a command left behind: `status` is its exit status, `seconds` its wall time."""

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are no UTF-8 are replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text; bytes that are no UTF-8 are replaced."""
        return self.stderr.decode("utf-8", "replace")


class Transport(Protocol):
    """A place where commands run and files lie."""

    @property
    def name(self) -> str:
        """What people call this place in messages: `localhost`, a container, `root@host`."""

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | Secret | None = None,
        env: Mapping[str, str | Secret] | None = None,
        timeout: float = TIMEOUT,
        limit: int = OUTPUT_LIMIT,
        ok: Sequence[int] = (0,),
    ) -> Result:
        """Run `argv` and return what it left behind.

        `ok` are the exit statuses that are no failure; an empty sequence accepts every one.
        The command and its children are gone when this returns or raises.

        Raises CommandFailed (status not in `ok`, with what it said), CommandTimeout (longer than
        `timeout` seconds), TransportError (the place cannot be reached, the program does not exist,
        more than `limit` bytes of output), TypeError (a Secret among the arguments).
        """

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        """Write a file, whole or not at all: never readable by more than `mode` allows, at no moment."""

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        """Read a file. Raises TransportError when it is not there."""

    def close(self) -> None:
        """Let go of connections; the transport can be used again afterwards."""
