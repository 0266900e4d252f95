"""The process of a resource: started, identified across actions, and stopped reliably."""

from __future__ import annotations

from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.process import Process, end, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pacemaker_os.ocf.deadline import Deadline


class Daemon:
    """A process that outlives the action that started it.

    `record` is a file with the identity of the started process, on a file system that a reboot clears.
    `pid_file` is the daemon's own PID file. It is read if there is no record, because an administrator or
    systemd may have started the daemon. A PID file may be stale, and its PID may be that of another process
    now, even of the same program. Therefore, such a process counts only if its executable has one of the
    names in `programs` and `belongs` returns true for it: the process uses the data of this resource.
    Otherwise the process is left alone.
    """

    def __init__(
        self,
        record: str,
        *,
        programs: Sequence[str],
        pid_file: str = "",
        belongs: Callable[[Process], bool] = lambda process: False,
    ) -> None:
        self.record, self.programs, self.pid_file = record, tuple(programs), pid_file
        self.belongs = belongs

    def find(self) -> Process | None:
        """Return the running process, or None."""
        return self._recorded() or self._from_pid_file()

    def _record(self) -> Process | None:
        fields = (files.read(self.record) or "").split()
        if len(fields) != 2 or not all(field.isdigit() for field in fields):
            return None
        return Process(int(fields[0]), int(fields[1]))

    def _recorded(self) -> Process | None:
        process = self._record()
        return process if process and process.alive else None

    def _from_pid_file(self) -> Process | None:
        fields = (files.read(self.pid_file) or "").split() if self.pid_file else []
        if not fields or not fields[0].isdigit():
            return None
        process = Process.find(int(fields[0]))
        if not process or process.program.rpartition("/")[2] not in self.programs:
            return None
        return process if self.belongs(process) else None

    def orphans(self) -> list[Process]:
        """Return what is left of the session of a recorded process that has ended, such as its helpers."""
        recorded = self._record()
        # The kernel does not reuse the PID of an ended process while its session exists.
        if not recorded or Process.find(recorded.pid):
            return []
        return [process for process in processes() if process.session == recorded.pid]

    def launch(
        self,
        argv: Sequence[str],
        *,
        user: str = "root",
        log: str = "/dev/null",
        directory: str = "/",
        environ: Mapping[str, str] | None = None,
        open_files: int = 0,
        niceness: int = 0,
        umask: int = 0o027,
    ) -> Process:
        """Start it as `user` in its own session, with its output appended to the file `log`.

        `niceness` is that of nice(2), as far as a container allows it. Raises Failure if the program cannot
        be executed.
        """
        import os
        import resource
        import subprocess

        from pacemaker_os.ocf.command import CLEAN

        uid, gid = files.account(user)
        limits, own_niceness = resource.getrlimit(resource.RLIMIT_NOFILE), os.getpriority(os.PRIO_PROCESS, 0)
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        try:
            if log != os.devnull:
                os.fchown(handle, uid, gid)
            if open_files:
                allow_open_files(open_files)
            if niceness:
                set_niceness(niceness)
            child = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                cwd=directory,
                env=CLEAN | dict(environ or {}),
                start_new_session=True,
                user=uid,
                group=gid,
                extra_groups=os.getgrouplist(user, gid),
                umask=umask,
            )
        except OSError as error:
            raise Failure(f"cannot start {argv[0]}: {error.strerror}") from None
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            if niceness:
                set_niceness(own_niceness)
            os.close(handle)
        process = Process.find(child.pid)
        if not process:
            raise Failure(f"{argv[0]} exited immediately with status {child.wait()}")
        child.returncode = 0  # The daemon outlives this process, which never waits for it.
        self.remember(process)
        return process

    def remember(self, process: Process) -> None:
        """Record the identity of the process, so that later actions can find it."""
        files.make_directory(self.record.rpartition("/")[0])
        files.write(self.record, f"{process}\n", mode=0o644)

    def forget(self) -> None:
        """Delete the record of a process that has ended."""
        files.remove(self.record)

    def stop(self, deadline: Deadline, *, grace: float | None = None) -> str:
        """Stop it, with SIGKILL after `grace` seconds (`process.end`). Raises Failure if it survives that."""
        process = self.find()
        how = end(process, deadline, grace=grace) if process else "gone"
        if process and how == "alive":
            raise Failure(f"process {process.pid} ({process.program}) is still running after SIGKILL")
        self.forget()
        return how


def allow_open_files(limit: int) -> None:
    """Raise the limit of open files of this process and its children, as far as a container allows it."""
    import resource

    maximum = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, max(limit, maximum)))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, maximum), maximum))


def set_niceness(niceness: int) -> None:
    """Set the niceness of this process and its children, if a container allows it."""
    import os
    from contextlib import suppress

    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
