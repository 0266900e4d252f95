"""A child process with a time limit and an output limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import TransportError

_CHUNK = 65536

#: Seconds without output after which the state of the process is checked.
_POLL_INTERVAL = 0.2


class TimeoutExceeded(Exception):
    """The process did not end within its timeout."""


class OutputLimitExceeded(Exception):
    """The process printed more than its limit."""


@dataclass(frozen=True, slots=True)
class CompletedCommand:
    """Result of a process: exit status as in a shell (128 + signal), output, and wall-clock time."""

    status: int
    stdout: bytes
    stderr: bytes
    seconds: float


def run_process(
    argv: Sequence[str],
    *,
    input: bytes = b"",
    env: Mapping[str, str] | None = None,
    timeout: float,
    limit: int,
) -> CompletedCommand:
    """Run `argv` in a new process group, which has ended when this function returns or raises.

    `env` is added to the environment of this process.

    Raises:
        TimeoutExceeded: the process ran for more than `timeout` seconds.
        OutputLimitExceeded: the output has more than `limit` bytes.
        TransportError: the program cannot be started.
    """
    begin = time.monotonic()
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env} if env else None,
            process_group=0,
        )
    except FileNotFoundError:
        raise TransportError(f"program '{argv[0]}' not found on this machine", code="no-program") from None
    except OSError as error:
        raise TransportError(f"cannot start '{argv[0]}': {error.strerror}", code="no-program") from None
    try:
        stdout, stderr = _communicate(process, input, begin + timeout, limit)
        status = process.wait(timeout=max(0.1, begin + timeout - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutExceeded from None
    finally:
        _end(process)
    return CompletedCommand(status if status >= 0 else 128 - status, stdout, stderr, time.monotonic() - begin)


def _communicate(
    process: subprocess.Popen[bytes], input: bytes, deadline: float, limit: int
) -> tuple[bytes, bytes]:
    """Write `input` and read both outputs until they are closed."""
    assert process.stdin and process.stdout and process.stderr
    stdout, stderr = bytearray(), bytearray()
    rest = memoryview(input)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, stdout)
        selector.register(process.stderr, selectors.EVENT_READ, stderr)
        if rest:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        else:
            process.stdin.close()
        while selector.get_map():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutExceeded
            ready = selector.select(min(remaining, _POLL_INTERVAL))
            if not ready and process.poll() is not None:
                # The process may have written output before it ended. If there is none, only a surviving
                # child keeps the pipe open.
                ready = selector.select(0)
                if not ready:
                    break
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    rest = _feed(process, rest)
                    if not rest:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                    continue
                key.data.extend(chunk)
                if len(stdout) + len(stderr) > limit:
                    raise OutputLimitExceeded
    return bytes(stdout), bytes(stderr)


def _feed(process: subprocess.Popen[bytes], rest: memoryview) -> memoryview:
    """Write as much as the pipe accepts and return the rest; nothing if the pipe is closed."""
    assert process.stdin
    try:
        return rest[os.write(process.stdin.fileno(), rest[:_CHUNK]) :]
    except BrokenPipeError:
        return memoryview(b"")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group and reap the process."""
    # The group may be empty, or contain only processes of another user, which cannot be killed.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream and not stream.closed:
            stream.close()
