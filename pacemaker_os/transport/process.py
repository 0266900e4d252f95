"""A child process of this machine, with an end: by itself, by time, or by too much output."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pacemaker_os.errors import TransportError

_CHUNK = 65536

#: Seconds of silence after which a look is taken whether the process still lives.
_PAUSE = 0.2


class TimeoutExceeded(Exception):
    """The process had no end in the time it was given."""


class OutputLimitExceeded(Exception):
    """The process printed more than it was allowed to."""


@dataclass(frozen=True, slots=True)
class CompletedCommand:
    """How a process ended: a status as a shell gives it (128 + signal), and what it printed."""

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
    """Run `argv` in a process group of its own, which is gone when this returns or raises.

    `env` is added to this process's environment. Raises TimeoutExceeded, OutputLimitExceeded, and
    TransportError when the program cannot be started.
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
        raise TransportError(f"there is no program '{argv[0]}' on this machine", code="no-program") from None
    except OSError as error:
        raise TransportError(f"'{argv[0]}' cannot be started: {error.strerror}", code="no-program") from None
    try:
        stdout, stderr = _talk(process, input, begin + timeout, limit)
        status = process.wait(timeout=max(0.1, begin + timeout - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutExceeded from None
    finally:
        _end(process)
    return CompletedCommand(status if status >= 0 else 128 - status, stdout, stderr, time.monotonic() - begin)


def _talk(process: subprocess.Popen[bytes], input: bytes, deadline: float, limit: int) -> tuple[bytes, bytes]:
    """Feed `input` and collect both outputs until both are closed."""
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
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutExceeded
            ready = selector.select(min(left, _PAUSE))
            if not ready and process.poll() is not None:
                # It may have written before it ended. With nothing there, a child of its own that
                # lives on merely holds the pipe open.
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
    """Write what the pipe takes now and return what is left; nothing when nobody reads any more."""
    assert process.stdin
    try:
        return rest[os.write(process.stdin.fileno(), rest[:_CHUNK]) :]
    except BrokenPipeError:
        return memoryview(b"")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group, and collect the process."""
    # Nothing may be left, or only what changed its user: that has left the group's care.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream and not stream.closed:
            stream.close()
