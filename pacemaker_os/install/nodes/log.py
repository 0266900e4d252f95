"""A log file per node: every command, how long it took, how it ended and what it said; never a secret."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pacemaker_os.errors import CommandFailed, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result, Transport

#: A secret shorter than this is not looked for: its letters stand in ordinary words.
_SHORT = 6

#: How much of what a command said is kept, in characters.
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class LoggedTransport:
    """A transport that writes down what goes through it. What goes in by standard input stays unseen."""

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
            done = self.inner.run(argv, input=input, env=env, timeout=timeout, limit=limit, ok=ok)
        except CommandFailed as error:
            self._write(argv, f"status {error.status}", time.monotonic() - begin, error.stderr)
            raise
        except TransportError as error:
            self._write(argv, "failed", time.monotonic() - begin, str(error))
            raise
        # What our own programs answer is configuration; what others print is worth reading again.
        said = done.error_text if argv[-1] == "-" else done.text + done.error_text
        self._write(argv, f"status {done.status}", done.seconds, said)
        return done

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        begin = time.monotonic()
        self.inner.put(data, path, mode=mode, owner=owner)
        self._write(["write", path], "status 0", time.monotonic() - begin, "")

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        return self.inner.get(path, limit=limit)

    def close(self) -> None:
        self.inner.close()

    def _write(self, argv: Sequence[str], ended: str, seconds: float, said: str) -> None:
        head = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {' '.join(argv)}  ({ended}, {seconds:.1f} s)"
        lines = "".join(f"    {line}\n" for line in said[-_KEPT:].splitlines())
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(self._starred(f"{head}\n{lines}"))

    def _starred(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "*****")
        return text


def logged(inner: Transport, folder: Path, node: str, secrets: Iterable[Secret]) -> LoggedTransport:
    """Return `inner`, writing to the log of `node` in `folder`, which only its owner may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = sorted({secret.reveal() for secret in secrets}, key=len, reverse=True)
    return LoggedTransport(
        inner, folder / f"{node}.log", tuple(word for word in words if len(word) >= _SHORT)
    )
