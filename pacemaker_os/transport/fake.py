"""A transport of expectations, for tests: these commands, in this order, with these results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pacemaker_os.errors import CommandFailed, PacemakerOsError, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result
from pacemaker_os.transport.shell import check_arguments


@dataclass(frozen=True, slots=True)
class Expect:
    """One command that must come next, and what comes of it.

    `input` and `env` are checked when given. `raises` is raised instead of an answer.
    """

    argv: tuple[str, ...]
    stdout: str | bytes = b""
    stderr: str | bytes = b""
    status: int = 0
    input: bytes | None = None
    env: Mapping[str, str] | None = None
    raises: PacemakerOsError | None = None


@dataclass(slots=True)
class FakeTransport:
    """Answers a script of expectations, in exact order; `files` is what put and get work on.

    Call `finish` at the end of a test: it fails when commands are left that nobody ran.
    """

    script: list[Expect] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    modes: dict[str, tuple[int, str]] = field(default_factory=dict)
    name: str = "fake"

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
        if not self.script:
            raise AssertionError(f"{self.name}: nothing more was expected, but this ran: {list(argv)}")
        expected = self.script.pop(0)
        if tuple(argv) != expected.argv:
            raise AssertionError(f"{self.name}: expected {list(expected.argv)}, but this ran: {list(argv)}")
        if expected.input is not None:
            assert _plain(input or b"") == expected.input
        if expected.env is not None:
            assert {name: _plain(value) for name, value in (env or {}).items()} == {
                name: value.encode() for name, value in expected.env.items()
            }
        if expected.raises is not None:
            raise expected.raises
        if ok and expected.status not in ok:
            raise CommandFailed(self.name, argv, expected.status, _plain(expected.stderr).decode())
        return Result(tuple(argv), expected.status, _plain(expected.stdout), _plain(expected.stderr), 0.0)

    def put(self, data: bytes | Secret, path: str, *, mode: int = 0o644, owner: str = "root:root") -> None:
        self.files[path] = _plain(data)
        self.modes[path] = (mode, owner)

    def get(self, path: str, *, limit: int = OUTPUT_LIMIT) -> bytes:
        if path not in self.files:
            raise TransportError(f"{self.name}: there is no file '{path}'")
        return self.files[path]

    def close(self) -> None:
        """There is nothing to let go of."""

    def finish(self) -> None:
        """Fail when an expected command was never run."""
        left = [list(expected.argv) for expected in self.script]
        assert not left, f"{self.name}: these were expected, but never ran: {left}"


def _plain(value: str | bytes | Secret) -> bytes:
    if isinstance(value, Secret):
        value = value.reveal()
    return value.encode() if isinstance(value, str) else value
