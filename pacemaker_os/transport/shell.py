"""What the transports have in common: a client program of this machine that runs commands elsewhere."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence

from pacemaker_os.errors import CommandFailed, CommandTimeout, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport import scripts
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result
from pacemaker_os.transport.process import CompletedCommand, OutputLimitExceeded, TimeoutExceeded, run_process

#: Seconds that the client program gets beyond the command's own time, for the way there and back.
_WAY = 10.0


class ShellTransport:
    """A transport whose `client_line` turns a command line there into one here."""

    @property
    def name(self) -> str:
        raise NotImplementedError

    def client_line(self, line: Sequence[str]) -> list[str]:
        """Return the command line of this machine that runs `line` at the other end."""
        raise NotImplementedError

    def check_client(self, completed: CompletedCommand) -> None:
        """Raise TransportError when it was the client program that failed, not the command."""

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
        mark = secrets.token_hex(8)
        line = scripts.command_line(argv, mark=mark, timeout=timeout, with_environment=bool(env))
        data = scripts.environment_lines(env) if env else b""
        data += input.reveal().encode() if isinstance(input, Secret) else input or b""
        try:
            completed = run_process(
                self.client_line(line), input=data, timeout=timeout + scripts.GRACE + _WAY, limit=limit
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
        return self._judge(argv, completed, timeout, ok, mark)

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        self.run(scripts.put_line(path, mode, owner), input=data)

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        return self.run(["cat", "--", path], limit=limit).stdout

    def close(self) -> None:
        """There is nothing to let go of."""

    def _judge(
        self, argv: Sequence[str], completed: CompletedCommand, timeout: float, ok: Sequence[int], mark: str
    ) -> Result:
        """Tell a command that failed from one that could not be run, and both from a result."""
        said = completed.stderr.decode("utf-8", "replace")
        if completed.seconds >= timeout and completed.status in (124, 137):
            self._sweep(mark)
            raise CommandTimeout(self.name, argv, timeout)
        if completed.status in (126, 127) and said.startswith("timeout: "):
            raise TransportError(
                f"{self.name}: there is no program '{argv[0]}' that can be run", code="no-program"
            )
        self.check_client(completed)
        if ok and completed.status not in ok:
            raise CommandFailed(self.name, argv, completed.status, said)
        return Result(tuple(argv), completed.status, completed.stdout, completed.stderr, completed.seconds)

    def _sweep(self, mark: str) -> None:
        """End at the other end what a broken-off run may have left there; it may be out of reach."""
        with contextlib.suppress(TransportError, TimeoutExceeded, OutputLimitExceeded):
            run_process(self.client_line(scripts.sweep_line(mark)), timeout=_WAY, limit=OUTPUT_LIMIT)


def check_arguments(argv: Sequence[str]) -> None:
    """Refuse an empty command, and a secret where everybody can read it."""
    if not argv:
        raise ValueError("a command has at least one word")
    for argument in argv:
        if isinstance(argument, Secret):
            raise TypeError("a secret is no argument of a command: hand it over as input or environment")
        if not isinstance(argument, str):
            raise TypeError(f"an argument of a command is a string, not {type(argument).__name__}")
