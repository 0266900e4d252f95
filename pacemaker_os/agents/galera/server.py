"""mariadbd on this node: its data folder, how it is started, what a state transfer does."""

from __future__ import annotations

from pacemaker_os.agents.galera import position
from pacemaker_os.agents.galera.decide import Report
from pacemaker_os.agents.galera.position import NOWHERE, Position
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

#: Folders in a data folder that are no database of a user.
SYSTEM = {"mysql", "performance_schema", "sys", "information_schema", "test", "lost+found"}


class Installation:
    """What is installed: program, configuration, data folder, the user that owns it, and where to log."""

    def __init__(self, *, binary: str, config: str, data: str, user: str, log: str, socket: str) -> None:
        self.binary, self.config, self.data = binary, config, data
        self.user, self.log, self.socket = user, log, socket

    def argv(self, *more: str) -> list[str]:
        """The command line; `more` comes last and wins over the configuration."""
        return [
            self.binary,
            f"--defaults-file={self.config}",
            f"--datadir={self.data}",
            f"--socket={self.socket}",
            f"--user={self.user}",
            *more,
        ]

    def databases(self) -> list[str]:
        """The users' databases, as folders show them."""
        return [
            name
            for name in files.names(self.data)
            if name not in SYSTEM and name[0] not in ".#" and files.is_directory(f"{self.data}/{name}")
        ]

    @property
    def grastate(self) -> str:
        """Galera's file of its position."""
        return f"{self.data}/grastate.dat"

    def position(self) -> Position:
        """The position that Galera wrote when it stopped in good order; seqno -1 after a crash."""
        return position.from_grastate(files.read(self.grastate) or "")

    def recover(self, ask: Callable[[Sequence[str]], Result], output: str) -> Position:
        """Find out the position that the data themselves have, by mariadbd's recovery run.

        Transactions that were prepared when the node died are rolled back: a cluster acknowledges a
        transaction only after that step. Raises Failure when no position is found.
        """
        owner = files.account(self.user)
        for more in ((), ("--tc-heuristic-recover=rollback",)):
            files.remove(output)
            files.write(output, "", owner=owner)
            # It connects to nobody, but refuses to run without an address.
            run = ("--wsrep-recover", "--wsrep-cluster-address=gcomm://", f"--log-error={output}")
            result = ask(self.argv(*run, *more))
            said = files.tail(output, 1024 * 1024) + result.stderr
            found = position.from_recovery(said)
            if found:
                return found
            if not position.prepared_transactions(said):
                raise Failure(f"the recovery run found no position: {last_error(said)}")
        raise Failure("the recovery run found no position, even with prepared transactions rolled back")

    def report(self, ask: Callable[[Sequence[str]], Result], output: str) -> Report:
        """What this node says to the others: its position, recovered where that is needed."""
        if not files.is_directory(self.data):
            raise Failure(f"data folder {self.data} is not there", INSTALLED)
        known = self.position()
        if known.seqno < 0 and files.is_directory(f"{self.data}/mysql"):
            found = self.recover(ask, output)
            # A history with nothing in it, beside a state file that names one: the file knows more.
            known = found if found.uuid != NOWHERE.uuid else known
        return Report(known.uuid, known.seqno, known.safe, len(self.databases()))

    def allow_bootstrap(self) -> None:
        """Note in Galera's state file that this node may begin the cluster; it was elected."""
        text = files.read(self.grastate)
        if text is not None:
            owner = files.account(self.user)
            files.write(self.grastate, position.mark_safe(text), mode=0o660, owner=owner)

    def prepare(self) -> None:
        """Make the folders that a package, or a boot, may have left out."""
        owner = files.account(self.user)
        for path in (self.log, self.socket):
            files.make_directory(path.rpartition("/")[0], owner=owner)
        # The view of a cluster that is no more: with it, mariadbd would revive that cluster by itself.
        files.remove(f"{self.data}/gvwstate.dat")

    def launch(
        self, daemon: Daemon, report: Report, address: str, more: Sequence[str], *, niceness: int = 0
    ) -> Process:
        """Start mariadbd for the cluster at `address`; `gcomm://` alone begins one."""
        self.prepare()
        argv = self.argv(f"--wsrep-cluster-address={address}", f"--log-error={self.log}", *more)
        if report.seqno >= 0:
            # Without it, a node that crashed would forget its history (and with it, rows).
            argv.append(f"--wsrep-start-position={report.uuid}:{report.seqno}")
        return daemon.launch(
            argv, user="root", log=self.log, directory=self.data, open_files=65536, niceness=niceness
        )


def last_error(log: str) -> str:
    """The last error in what mariadbd wrote since it served last, without time and thread."""
    lines = log.rpartition("ready for connections")[2].splitlines()
    errors = [line.partition("[ERROR]")[2].strip() for line in lines if "[ERROR]" in line]
    telling = [error for error in errors if error != "Aborting"]
    return telling[-1] if telling else "its log has no error, so something killed it"


def written(process: Process) -> int:
    """Bytes that a process and its helpers have read or written since they began: progress, if it grows."""
    total = 0
    for member in process.tree():
        for line in (files.read(f"/proc/{member.pid}/io") or "").splitlines():
            name, _, value = line.partition(": ")
            if name in ("rchar", "wchar"):
                total += int(value)
    return total


def transferring(process: Process) -> bool:
    """Whether a state transfer runs below mariadbd."""
    return any("wsrep_sst" in " ".join(member.arguments) for member in process.tree()[1:])


def stop(daemon: Daemon, deadline: Deadline, *, grace: float | None = None) -> str:
    """End mariadbd, with `grace` seconds to do it in good order; a state transfer's helpers go with it."""
    process = daemon.find()
    helpers = process.tree()[1:] if process else []
    how = daemon.stop(deadline, grace=grace)
    for helper in helpers:
        helper.signal(9)
    return how
