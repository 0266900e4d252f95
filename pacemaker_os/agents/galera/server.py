"""mariadbd on this node: its data directory, how it is started, and the progress of state transfers."""

from __future__ import annotations

from pacemaker_os.agents.galera import position
from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import (
    COMPLETE,
    EMPTY,
    JOINING,
    PARTIAL,
    RECORD,
    SYNCED,
    UNDEFINED_UUID,
    UNKNOWN_POSITION,
    Position,
)
from pacemaker_os.ocf import files
from pacemaker_os.ocf.codes import INSTALLED, Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.process import Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pacemaker_os.ocf.command import Result
    from pacemaker_os.ocf.deadline import Deadline

PROGRAMS = ("mariadbd", "mysqld")

#: Files in which the scripts of state transfers store the PIDs of their processes.
TRANSFER_PID_FILES = ("wsrep_sst.pid", "rsync_sst.pid", "stunnel.pid")

#: Files in a data directory that no state transfer copies. A joining server writes to the first of them
#: meanwhile.
NOT_COPIED = {"galera.cache", "grastate.dat", "gvwstate.dat", "sst_in_progress", RECORD}

#: Directories in a data directory that are not user databases.
SYSTEM = {"mysql", "performance_schema", "sys", "information_schema", "test", "lost+found"}


class Installation:
    """The installation of a server: program, configuration, data directory, user, log and socket."""

    def __init__(self, *, binary: str, config: str, data: str, user: str, log: str, socket: str) -> None:
        self.binary, self.config, self.data = binary, config, data
        self.user, self.log, self.socket = user, log, socket

    def argv(self, *more: str) -> list[str]:
        """Return the command line. `more` comes last and overrides the configuration."""
        return [
            self.binary,
            f"--defaults-file={self.config}",
            f"--datadir={self.data}",
            f"--socket={self.socket}",
            f"--user={self.user}",
            *more,
        ]

    def databases(self) -> list[str]:
        """Return the user databases, by the names of their directories."""
        return [
            name
            for name in files.names(self.data)
            if name not in SYSTEM and name[0] not in ".#" and files.is_directory(f"{self.data}/{name}")
        ]

    @property
    def grastate(self) -> str:
        """The file in which Galera stores its position."""
        return f"{self.data}/grastate.dat"

    def position(self) -> Position:
        """Return the position that Galera stored at a clean shutdown; the seqno is -1 after a crash."""
        return position.from_grastate(files.read(self.grastate) or "")

    def recover(self, run: Callable[[Sequence[str]], Result], output: str) -> Position:
        """Determine the position of the data with a recovery run of mariadbd.

        Transactions that were only prepared when the node failed are rolled back: a cluster acknowledges a
        transaction after that step. Raises Failure if no position is found.
        """
        owner = files.account(self.user)
        for more in ((), ("--tc-heuristic-recover=rollback",)):
            files.remove(output)
            files.write(output, "", owner=owner)
            # The recovery run does not connect, but it requires an address.
            options = (
                "--wsrep-recover",
                "--wsrep-cluster-address=gcomm://",
                "--skip-networking",
                f"--log-error={output}",
            )
            result = run(self.argv(*options, *more))
            output_text = files.tail(output, 1024 * 1024) + result.stderr
            found = position.from_recovery(output_text)
            if found:
                return found
            if not position.prepared_transactions(output_text):
                raise Failure(f"recovery run found no position: {first_error(output_text)}")
        raise Failure("recovery run found no position, even after rolling back prepared transactions")

    @property
    def transfer_marker(self) -> str:
        """The file that the scripts of a state transfer create at its beginning and delete at its end."""
        return f"{self.data}/sst_in_progress"

    @property
    def record(self) -> str:
        """The content of the agent's record in the data directory (position.RECORD); empty if missing."""
        return files.read(f"{self.data}/{RECORD}") or ""

    def set_record(self, content: str) -> None:
        """Write the agent's record durably, if it differs."""
        if self.record != content:
            owner = files.account(self.user)
            files.write(f"{self.data}/{RECORD}", content, mode=0o640, owner=owner)

    def record_synced(self, uuid: str) -> None:
        """Record that the data is a complete copy of the cluster `uuid`: the server is synced with it."""
        files.remove(self.transfer_marker)
        self.set_record(f"{SYNCED} {uuid}\n")

    def report(self, run: Callable[[Sequence[str]], Result], output: str) -> Report:
        """Return the report of this node. The position is recovered if grastate.dat does not contain it."""
        if not files.is_directory(self.data):
            raise Failure(f"data directory {self.data} does not exist", INSTALLED)
        interrupted = Report(UNDEFINED_UUID, -1, False, 0, PARTIAL)
        if files.is_file(self.transfer_marker):
            return interrupted
        if not files.is_directory(f"{self.data}/mysql"):
            return Report(UNDEFINED_UUID, -1, False, len(self.databases()), EMPTY)
        stored, copy = self.position(), COMPLETE
        known = stored
        if stored.seqno < 0:
            try:
                found = self.recover(run, output)
            except Failure:
                # Half-copied data often has no position at all.
                if self.record.split()[:1] == [JOINING] and stored.uuid == UNDEFINED_UUID:
                    return interrupted
                raise
            copy = position.copy_of(files.read(self.grastate) or "", self.record, found)
            if copy == PARTIAL:
                return interrupted
            # If the data has no UUID but grastate.dat has one, grastate.dat is right.
            known = found if found.uuid != UNKNOWN_POSITION.uuid else known
        return Report(known.uuid, known.seqno, known.safe, len(self.databases()), copy)

    def allow_bootstrap(self, report: Report) -> None:
        """Let this node, which was elected, bootstrap the cluster from the position in its report."""
        text = files.read(self.grastate)
        if report.uuid != UNDEFINED_UUID:
            text = position.grastate(report.uuid, report.seqno)
        elif text is not None:
            text = position.mark_safe(text)
        if text is not None:
            files.write(self.grastate, text, mode=0o660, owner=files.account(self.user))

    def prepare_join(self, report: Report) -> None:
        """Record that this node joins. The rest of an interrupted state transfer is replaced completely."""
        self.set_record(f"{JOINING}\n")
        if report.copy == PARTIAL:
            files.remove(self.grastate)
        self.remove_stale_pid_files()

    def remove_stale_pid_files(self) -> None:
        """Remove the PID files of interrupted state transfers.

        The scripts of a state transfer refuse to start if such a PID exists, even if it was reused by another
        program.
        """
        for name in TRANSFER_PID_FILES:
            files.remove(f"{self.data}/{name}")

    def prepare(self) -> None:
        """Create the directories that are missing after an installation or a boot."""
        owner = files.account(self.user)
        for path in (self.log, self.socket):
            files.make_directory(path.rpartition("/")[0], owner=owner)
        # This file describes the last view of the old cluster; mariadbd would use it to restore that cluster.
        files.remove(f"{self.data}/gvwstate.dat")

    def launch(
        self, daemon: Daemon, report: Report, address: str, more: Sequence[str], *, niceness: int = 0
    ) -> Process:
        """Start mariadbd for the cluster at `address`; `gcomm://` alone bootstraps a new one."""
        self.prepare()
        argv = self.argv(f"--wsrep-cluster-address={address}", f"--log-error={self.log}", *more)
        if report.seqno >= 0:
            # Without this option, a node that crashed would lose its position and with it committed rows.
            argv.append(f"--wsrep-start-position={report.uuid}:{report.seqno}")
        return daemon.launch(
            argv, user="root", log=self.log, directory=self.data, open_files=65536, niceness=niceness
        )


def first_error(log: str) -> str:
    """Return the first error that mariadbd logged in its last run, without time and thread.

    The errors that follow are consequences of the first one.
    """
    run = log
    for mark in (" as process ", "ready for connections"):
        run = run.rpartition(mark)[2]
    errors = [line.partition("[ERROR]")[2].strip() for line in run.splitlines() if "[ERROR]" in line]
    causes = [error for error in errors if error != "Aborting"]
    return causes[0] if causes else "no error in its log; mariadbd was probably killed"


def progress_of_copy(data: str) -> tuple[int, float]:
    """Return the size of the copy in a data directory, in bytes, and when it was last written.

    Both stand still if a state transfer makes no progress, whatever its waiting helpers read and write.
    """
    size, written = 0, 0.0
    for path, status in files.tree(data):
        if path.rpartition("/")[2] not in NOT_COPIED and not path.endswith((".pid", ".log", ".err")):
            size += status.st_blocks * 512
            written = max(written, status.st_mtime)
    return size, written


def has_state_transfer(process: Process) -> bool:
    """Return whether a state transfer runs as a child of mariadbd."""
    return any("wsrep_sst" in " ".join(member.arguments) for member in process.tree()[1:])


def stop(daemon: Daemon, deadline: Deadline, *, grace: float | None = None) -> str:
    """Stop mariadbd, with `grace` seconds for a clean shutdown, and the helpers of a state transfer."""
    process = daemon.find()
    helpers = process.tree()[1:] if process else daemon.orphans()
    how = daemon.stop(deadline, grace=grace)
    for helper in helpers:
        helper.signal(9)
    return how
