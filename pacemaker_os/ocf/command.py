"""Running a program within a time limit, without leaving processes behind.

Importing `subprocess` would cost more CPU time than a whole monitor; this module needs only `posix_spawn`.
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

#: Maximum output of a command, in bytes; a command that prints more is killed.
OUTPUT_LIMIT = 16 * 1024 * 1024

#: Maximum input of a command: the size of a pipe in Linux, in bytes.
INPUT_LIMIT = 65536

CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


class Result:
    """The exit status and the output of a command."""

    __slots__ = ("status", "stderr", "stdout")

    def __init__(self, status: int, stdout: str = "", stderr: str = "") -> None:
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def error_line(self) -> str:
        """The last line of its error output, for use in an exit reason."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].strip() if lines else "no error output"


def run(
    argv: Sequence[str],
    deadline: Deadline,
    *,
    input: str = "",
    environ: Mapping[str, str] | None = None,
) -> Result:
    """Run `argv` and return its result, whatever its exit status.

    `environ` is added to a minimal environment. Raises TimedOut (deadline) or Failure (program not found,
    output larger than OUTPUT_LIMIT) after the command and its children have been killed.
    """
    if len(input) > INPUT_LIMIT:
        raise ValueError("the input does not fit into a pipe")
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
        raise Failure(f"cannot run {argv[0]}: {error.strerror}") from None
    close(in_read, out_write, err_write)
    try:
        if input:
            os.write(in_write, input.encode())
    except BrokenPipeError:
        pass  # The command did not read its input; its exit status matters.
    finally:
        close(in_write)
    try:
        return collect(argv[0], pid, out_read, err_read, deadline)
    finally:
        close(out_read, err_read)


def collect(name: str, pid: int, out: int, err: int, deadline: Deadline) -> Result:
    """Read both outputs until the process exits, then reap it."""
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
                raise TimedOut(f"{name} did not finish before the operation timeout")
            # Pending output is read before the exit is handled. A daemon that the command left behind may
            # keep the pipe open, so the end of the output is not a criterion.
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
