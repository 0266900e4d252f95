"""A scripted transport for tests: it expects commands in an exact order and returns prepared results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pacemaker_os.errors import CommandFailed, PacemakerOsError, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import OUTPUT_LIMIT, TIMEOUT, Result
from pacemaker_os.transport.shell import check_arguments


@dataclass(frozen=True, slots=True)
class Expect:
    """An expected command and its result.

    `input` and `env` are checked unless they are None. If `raises` is set, it is raised instead of a result.
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
    """Runs a script of expected commands; `put` and `get` use `files`.

    Call `finish` at the end of a test. It fails if expected commands have not run.
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
            raise AssertionError(f"{self.name}: unexpected command after the end of the script: {list(argv)}")
        expected = self.script.pop(0)
        if tuple(argv) != expected.argv:
            raise AssertionError(f"{self.name}: expected {list(expected.argv)}, got {list(argv)}")
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
            raise TransportError(f"{self.name}: {path}: No such file or directory")
        return self.files[path]

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def finish(self) -> None:
        """Fail if an expected command has not run."""
        missing = [list(expected.argv) for expected in self.script]
        assert not missing, f"{self.name}: expected commands that did not run: {missing}"


def _plain(value: str | bytes | Secret) -> bytes:
    if isinstance(value, Secret):
        value = value.reveal()
    return value.encode() if isinstance(value, str) else value
