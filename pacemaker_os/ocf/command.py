"""Running a program for its answer: an argument list, a time limit, and nothing left behind.

`subprocess` would cost more processor time than the whole of a monitor; this needs `posix_spawn` alone.
"""

from __future__ import annotations

import os
import select
import signal

from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.process import Process, kill_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What a command may print before it is stopped, in bytes.
OUTPUT_LIMIT = 16 * 1024 * 1024

#: What can be written to a command at once: a pipe's size in Linux, in bytes.
INPUT_LIMIT = 65536

CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


class Result:
    """What a command left behind."""

    __slots__ = ("status", "stderr", "stdout")

    def __init__(self, status: int, stdout: str = "", stderr: str = "") -> None:
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def error_line(self) -> str:
        """The last line of its complaint, for a reason."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].strip() if lines else "it said nothing"


def run(
    argv: Sequence[str],
    deadline: Deadline,
    *,
    input: str = "",
    environ: Mapping[str, str] | None = None,
) -> Result:
    """Run `argv` and return what it left behind, whatever its status.

    `environ` is added to a clean environment. The command and its children are dead when this raises:
    TimedOut (the deadline came first), Failure (no such program, or more output than OUTPUT_LIMIT).
    """
    if len(input) > INPUT_LIMIT:
        raise ValueError("too much input for a pipe")
    pipes = [os.pipe(), os.pipe(), os.pipe()]
    (in_read, in_write), (out_read, out_write), (err_read, err_write) = pipes
    try:
        pid = os.posix_spawn(
            argv[0],
            list(argv),
            CLEAN | dict(environ or {}),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, in_read, 0),
                (os.POSIX_SPAWN_DUP2, out_write, 1),
                (os.POSIX_SPAWN_DUP2, err_write, 2),
            ],
            setsigdef=[signal.SIGPIPE],
        )
    except OSError as error:
        close(*(end for pipe in pipes for end in pipe))
        raise Failure(f"{argv[0]} cannot be run: {error.strerror}") from None
    close(in_read, out_write, err_write)
    try:
        if input:
            os.write(in_write, input.encode())
    except BrokenPipeError:
        pass  # It did not want to read; its status will tell.
    finally:
        close(in_write)
    try:
        return collect(argv[0], pid, out_read, err_read, deadline)
    finally:
        close(out_read, err_read)


def collect(name: str, pid: int, out: int, err: int, deadline: Deadline) -> Result:
    """Read both outputs until the process ends, and reap it."""
    ending = os.pidfd_open(pid)
    chunks: dict[int, list[bytes]] = {out: [], err: []}
    size = 0
    poll = select.poll()
    for handle in (ending, out, err):
        poll.register(handle, select.POLLIN)
    try:
        ended = False
        while not ended:
            events = poll.poll(deadline.left * 1000)
            if not events:
                raise TimedOut(f"{name} had no end in the time that the operation has")
            # The end is told last: what it wrote before is read first, and a daemon that it left
            # behind with the pipe open keeps nobody waiting.
            readable = [handle for handle, _ in events if handle != ending]
            ended = not readable
            for handle in readable:
                data = os.read(handle, 65536)
                size += len(data)
                if not data:
                    poll.unregister(handle)
                if size > OUTPUT_LIMIT:
                    raise Failure(f"{name} printed more than {OUTPUT_LIMIT} bytes")
                chunks[handle].append(data)
    except BaseException:
        process = Process.find(pid)
        if process:
            kill_tree(process)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(ending)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    stdout, stderr = (b"".join(chunks[handle]).decode("utf-8", "replace") for handle in (out, err))
    return Result(status, stdout, stderr)


def close(*handles: int) -> None:
    """Close file descriptors."""
    for handle in handles:
        os.close(handle)
