"""A log file per node: each command with its duration, exit status and output, without secrets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import CommandFailed, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result, Transport

#: Minimum length of secrets that are masked; shorter ones would mask parts of ordinary words.
_MIN_LENGTH = 6

#: Maximum length of the output of a command in the log, in characters; the end of the output is kept.
_MAX_OUTPUT = 20_000


@dataclass(frozen=True, slots=True)
class LoggedTransport:
    """A transport that logs commands. It does not log their standard input."""

    inner: Transport
    path: Path
    secrets: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.inner.name

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
        begin = time.monotonic()
        try:
            result = self.inner.run(argv, input=input, env=env, timeout=timeout, limit=limit, ok=ok)
        except CommandFailed as error:
            self._write(argv, f"status {error.status}", time.monotonic() - begin, error.stderr)
            raise
        except TransportError as error:
            self._write(argv, "failed", time.monotonic() - begin, str(error))
            raise
        # The standard output of programs from `install/programs` is JSON with configuration.
        output = result.error_text if argv[-1] == "-" else result.text + result.error_text
        self._write(argv, f"status {result.status}", result.seconds, output)
        return result

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        begin = time.monotonic()
        self.inner.put(data, path, mode=mode, owner=owner)
        self._write(["write", path], "status 0", time.monotonic() - begin, "")

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        return self.inner.get(path, limit=limit)

    def close(self) -> None:
        self.inner.close()

    def _write(self, argv: Sequence[str], outcome: str, seconds: float, output: str) -> None:
        head = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {' '.join(argv)}  ({outcome}, {seconds:.1f} s)"
        lines = "".join(f"    {line}\n" for line in output[-_MAX_OUTPUT:].splitlines())
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(self._masked(f"{head}\n{lines}"))

    def _masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "*****")
        return text


def logged(inner: Transport, directory: Path, node: str, secrets: Iterable[Secret]) -> LoggedTransport:
    """Return `inner` with a log file for `node` in `directory`, which only its owner can access."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = sorted({secret.reveal() for secret in secrets}, key=len, reverse=True)
    masked = tuple(value for value in values if len(value) >= _MIN_LENGTH)
    return LoggedTransport(inner, directory / f"{node}.log", masked)
