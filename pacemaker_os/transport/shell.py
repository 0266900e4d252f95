"""Base of transports that use a client program on this machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence

from pacemaker_os.errors import CommandFailed, CommandTimeout, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport import scripts
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result
from pacemaker_os.transport.process import CompletedCommand, OutputLimitExceeded, TimeoutExceeded, run_process

#: Seconds that the client program may run longer than the command, to connect and to disconnect.
_OVERHEAD = 10.0


class ShellTransport:
    """A transport whose `client_line` wraps a remote command line into a local one."""

    @property
    def name(self) -> str:
        raise NotImplementedError

    def client_line(self, line: Sequence[str]) -> list[str]:
        """Return the local command line that runs `line` on the remote machine."""
        raise NotImplementedError

    def check_client(self, completed: CompletedCommand) -> None:
        """Raise TransportError if the client program failed, not the command."""

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
        check_arguments(argv)
        mark = os.urandom(8).hex()
        line = scripts.command_line(argv, mark=mark, timeout=timeout, with_environment=bool(env))
        data = scripts.environment_lines(env) if env else b""
        data += input.reveal().encode() if isinstance(input, Secret) else input or b""
        try:
            completed = run_process(
                self.client_line(line),
                input=data,
                timeout=timeout + scripts.GRACE + _OVERHEAD,
                limit=limit,
            )
        except TimeoutExceeded:
            self._sweep(mark)
            raise CommandTimeout(self.name, argv, timeout) from None
        except OutputLimitExceeded:
            self._sweep(mark)
            raise TransportError(
                f"{self.name}: `{' '.join(argv)}` printed more than {limit} bytes", code="too-much-output"
            ) from None
        except BaseException:
            self._sweep(mark)
            raise
        return self._result(argv, completed, timeout, ok, mark)

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        self.run(scripts.put_line(path, mode, owner), input=data)

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        return self.run(["cat", "--", path], limit=limit).stdout

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _result(
        self, argv: Sequence[str], completed: CompletedCommand, timeout: float, ok: Sequence[int], mark: str
    ) -> Result:
        """Return the result, or raise the error that corresponds to the exit status."""
        message = completed.stderr.decode("utf-8", "replace")
        if completed.seconds >= timeout and completed.status in (124, 137):
            self._sweep(mark)
            raise CommandTimeout(self.name, argv, timeout)
        if completed.status in (126, 127) and message.startswith("timeout: "):
            raise TransportError(
                f"{self.name}: program '{argv[0]}' not found or not executable", code="no-program"
            )
        self.check_client(completed)
        if ok and completed.status not in ok:
            raise CommandFailed(self.name, argv, completed.status, message)
        return Result(tuple(argv), completed.status, completed.stdout, completed.stderr, completed.seconds)

    def _sweep(self, mark: str) -> None:
        """Kill the remaining processes of an interrupted run, if the machine is reachable."""
        with contextlib.suppress(TransportError, TimeoutExceeded, OutputLimitExceeded):
            run_process(self.client_line(scripts.sweep_line(mark)), timeout=_OVERHEAD, limit=OUTPUT_LIMIT)


def check_arguments(argv: Sequence[str]) -> None:
    """Reject empty commands, and secrets, which other users could read on the command line."""
    if not argv:
        raise ValueError("a command needs at least one argument")
    for argument in argv:
        if isinstance(argument, Secret):
            raise TypeError("a secret must not be a command argument; pass it as input or environment")
        if not isinstance(argument, str):
            raise TypeError(f"command arguments must be strings, not {type(argument).__name__}")
