"""The protocol of transports, and the result of a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pacemaker_os.dataclass import dataclass
from pacemaker_os.secret import Secret

#: Maximum output of a command, in bytes (a CIB with 5,000 clones has about 4 MiB).
OUTPUT_LIMIT = 64 * 1024 * 1024

#: Default timeout of a command, in seconds.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """Result of a command: `status` is its exit status, `seconds` its wall-clock time."""

    argv: tuple[str, ...]
    status: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def text(self) -> str:
        """Standard output as text. Invalid UTF-8 is replaced."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def error_text(self) -> str:
        """Standard error as text. Invalid UTF-8 is replaced."""
        return self.stderr.decode("utf-8", "replace")


class Transport(Protocol):
    """Access to the commands and files of a machine."""

    @property
    def name(self) -> str:
        """Name in messages: `localhost`, a container name, or `root@host`."""

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
        """Run `argv` and return the result.

        `ok` are the exit statuses of success; if it is empty, all are accepted. The command and its children
        have ended when this function returns or raises.

        Raises:
            CommandFailed: the exit status is not in `ok`.
            CommandTimeout: the command ran for more than `timeout` seconds.
            TransportError: the machine is unreachable, the program does not exist, or the output has more
                than `limit` bytes.
            TypeError: an argument is a `Secret`.
        """

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        """Write a file atomically. It never has more permissions than `mode`, even while it is written."""

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        """Read a file. Raises TransportError if it does not exist."""

    def close(self) -> None:
        """Close connections. The transport can be used again afterwards."""
