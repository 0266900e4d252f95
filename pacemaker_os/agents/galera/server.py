"""mariadbd on this node: its data directory, how it is started, and the progress of state transfers."""

from __future__ import annotations

from pacemaker_os.agents.galera import position
from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import UNKNOWN_POSITION, Position
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
            options = ("--wsrep-recover", "--wsrep-cluster-address=gcomm://", f"--log-error={output}")
            result = run(self.argv(*options, *more))
            output_text = files.tail(output, 1024 * 1024) + result.stderr
            found = position.from_recovery(output_text)
            if found:
                return found
            if not position.prepared_transactions(output_text):
                raise Failure(f"recovery run found no position: {last_error(output_text)}")
        raise Failure("recovery run found no position, even after rolling back prepared transactions")

    def report(self, run: Callable[[Sequence[str]], Result], output: str) -> Report:
        """Return the report of this node. The position is recovered if grastate.dat does not contain it."""
        if not files.is_directory(self.data):
            raise Failure(f"data directory {self.data} does not exist", INSTALLED)
        known = self.position()
        if known.seqno < 0 and files.is_directory(f"{self.data}/mysql"):
            found = self.recover(run, output)
            # If the data has no UUID but grastate.dat has one, grastate.dat is right.
            known = found if found.uuid != UNKNOWN_POSITION.uuid else known
        return Report(known.uuid, known.seqno, known.safe, len(self.databases()))

    def allow_bootstrap(self) -> None:
        """Set safe_to_bootstrap in grastate.dat, after this node was elected."""
        text = files.read(self.grastate)
        if text is not None:
            owner = files.account(self.user)
            files.write(self.grastate, position.mark_safe(text), mode=0o660, owner=owner)

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


def last_error(log: str) -> str:
    """Return the last error that mariadbd logged since it last served, without time and thread."""
    lines = log.rpartition("ready for connections")[2].splitlines()
    errors = [line.partition("[ERROR]")[2].strip() for line in lines if "[ERROR]" in line]
    causes = [error for error in errors if error != "Aborting"]
    return causes[-1] if causes else "no error in its log; mariadbd was probably killed"


def bytes_of_io(process: Process) -> int:
    """Return the number of bytes that a process and its descendants have read and written."""
    total = 0
    for member in process.tree():
        for line in (files.read(f"/proc/{member.pid}/io") or "").splitlines():
            name, _, value = line.partition(": ")
            if name in ("rchar", "wchar"):
                total += int(value)
    return total


def has_state_transfer(process: Process) -> bool:
    """Return whether a state transfer runs as a child of mariadbd."""
    return any("wsrep_sst" in " ".join(member.arguments) for member in process.tree()[1:])


def stop(daemon: Daemon, deadline: Deadline, *, grace: float | None = None) -> str:
    """Stop mariadbd, with `grace` seconds for a clean shutdown, and the helpers of a state transfer."""
    process = daemon.find()
    helpers = process.tree()[1:] if process else []
    how = daemon.stop(deadline, grace=grace)
    for helper in helpers:
        helper.signal(9)
    return how
