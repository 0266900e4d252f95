"""The actions of the galera agent.

Roles: a node is Promoted when it serves: in the primary component, with all data, ready. An Unpromoted
node waits for the election, or joins; a state transfer, however long, is a part of being Unpromoted, so
no operation has to wait for its end. What a node is doing is noted in a file that a reboot clears.
"""

from __future__ import annotations

from pacemaker_os.agents.galera import decide
from pacemaker_os.agents.galera.decide import Bootstrap, Refuse, Report
from pacemaker_os.agents.galera.haproxy import drain_server
from pacemaker_os.agents.galera.server import (
    last_error,
    stop,
    transferring,
    written,
)
from pacemaker_os.agents.galera.settings import GaleraSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import CONFIGURED, FAILED_PROMOTED, INSTALLED, Failure, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.operation import Notification
    from pacemaker_os.ocf.process import Process

#: What a node is doing, as its note says.
WAITING, JOINING, SERVING = "waiting", "joining", "serving"

#: Said of a server that somebody else started: it is ours from here on, but never ended for being slow.
ADOPTED = "adopted"

#: wsrep_local_state of a node that serves, and of one that gives its state to another.
SYNCED, DONOR = "4", "2"

#: Score of a node that is in sync, and of the one that is elected to begin the cluster.
SCORE = 100

#: Seconds until a server that does not answer is killed.
HUNG = 10.0

#: Seconds that telling haproxy may take.
TELLING = 2.0

#: Looks in a row at a server that joins while no node serves, before it is ended: it would wait for ever.
ALONE = 3

#: Times that joining is tried before it counts as failed.
JOINS = 3


class Galera(GaleraSettings):
    """MariaDB with Galera: every node a primary. After an outage the nodes say how far their data goes, and
    the one that has the most begins the cluster; the others join it side by side. Nodes whose data have
    different histories are never mixed: the agent says so and waits for the operator's word, which is
    the node attribute RESOURCE-bootstrap-from (value: a node) or, on the node whose data may be lost,
    RESOURCE-overwrite (value: yes), set with attrd_updater. A node is Promoted when it is in sync and
    serves. Use it as a promotable clone with promoted-max as many as there are nodes, notify=true.
    """

    name = "galera"
    summary = "MariaDB with Galera: all nodes serve, and nothing acknowledged is lost"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=180),
        Action("monitor", timeout=30, interval=10, role="Promoted"),
        Action("monitor", timeout=30, interval=3, role="Unpromoted"),
        Action("promote", timeout=180),
        Action("demote", timeout=180),
        Action("notify", timeout=20),
    )

    # What this node does, and what the nodes tell each other.

    def note(self) -> list[str]:
        """What this node is doing: a word, and since when or in which history."""
        return (files.read(self.state_file("doing")) or "").split()

    @property
    def phase(self) -> str:
        return self.note()[0] if self.note() else ""

    def do(self, what: str, more: object = "") -> None:
        """Note what this node is doing from now on."""
        files.make_directory(self.operation.state_directory)
        files.write(self.state_file("doing"), f"{what} {more}".rstrip())

    def attribute(self, what: str) -> str:
        """The name of an attribute of this resource."""
        return f"{self.operation.resource}-{what}"

    def publish_position(self) -> None:
        """Tell the others how far this node's data goes."""
        report = self.installation().report(self.ask, self.state_file("recovery"))
        self.logger.info(f"position {report.uuid}:{report.seqno}, safe to bootstrap: {report.safe}")
        self.cluster.publish_private(self.attribute("position"), decide.encode(report))

    def reports(self) -> dict[str, Report]:
        """How far the nodes' data goes."""
        return decide.decode_all(self.cluster.attributes(self.attribute("position")))

    def cluster_history(self) -> str:
        """The history of the cluster that other nodes serve now; empty when none does."""
        serving = self.cluster.attributes(self.attribute("serving"))
        serving.pop(self.operation.node, None)
        return min(serving.values(), default="")

    def election(self) -> Bootstrap | decide.Wait | Refuse:
        """Who is to begin the cluster."""
        chosen = self.cluster.attributes(self.attribute("bootstrap-from"))
        note = self.note()
        since = float(note[1]) if len(note) > 1 and note[0] == WAITING else self.deadline.now
        waited = 0 < self.missing_node_timeout < self.deadline.now - since
        return decide.elect(
            self.members(), self.reports(), chosen=min(chosen.values(), default=""), waited=waited
        )

    # Looking.

    def state(self) -> int:
        process, phase = self.daemon().find(), self.phase
        if process and phase == SERVING:
            return self.judge()
        if process and not phase:
            return self.judge() if self.in_sync() else codes.RUNNING
        if phase == SERVING:
            raise Failure(f"mariadbd is gone: {last_error(files.tail(self.log))}", FAILED_PROMOTED)
        if phase == JOINING:
            return self.degraded(self.progress(process))
        return codes.RUNNING if phase == WAITING else codes.NOT_RUNNING

    def judge(self) -> int:
        """How a server serves that should."""
        with self.session() as session:
            status = session.status()
        size, wanted = status.get("wsrep_cluster_size", "0"), len(self.members())
        note = self.note()
        if status.get("wsrep_cluster_status") != "Primary":
            raise Failure(f"not in the primary component; it sees {size} of {wanted} nodes", FAILED_PROMOTED)
        if len(note) > 1 and note[1] != status.get("wsrep_cluster_state_uuid"):
            other = status.get("wsrep_cluster_state_uuid")
            raise Failure(f"it is in another cluster ({other}) than it was promoted in", FAILED_PROMOTED)
        if status.get("wsrep_local_state") == DONOR:
            return self.degraded("it gives its state to a joining node", codes.DEGRADED_PROMOTED)
        if status.get("wsrep_ready") != "ON" or status.get("wsrep_local_state") != SYNCED:
            what = status.get("wsrep_local_state_comment", "not ready")
            return self.degraded(f"it catches up: {what}", codes.DEGRADED_PROMOTED)
        if status.get("read_only") not in ("0", "OFF"):
            return self.degraded("it is read only", codes.DEGRADED_PROMOTED)
        if size.isdigit() and int(size) < wanted:
            return self.degraded(f"{size} of {wanted} nodes are in the cluster", codes.DEGRADED_PROMOTED)
        return codes.RUNNING_PROMOTED

    def in_sync(self) -> bool:
        """Whether the server is in the primary component with all data, and ready."""
        try:
            with self.session() as session:
                status = session.status()
        except Failure as not_yet:
            self.degraded_reason = not_yet.reason
            return False
        return (
            status.get("wsrep_cluster_status") == "Primary"
            and status.get("wsrep_ready") == "ON"
            and status.get("wsrep_local_state") == SYNCED
        )

    def progress(self, process: Process | None) -> str:
        """How far joining has come."""
        if not process:
            return f"joining ended: {last_error(files.tail(self.log))}"
        if transferring(process):
            return f"it joins: a state transfer runs, {written(process) >> 20} MiB moved"
        return "it joins the cluster"

    def monitor(self) -> int:
        if self.operation.is_probe:
            return self.state()
        return self.if_persistent(self.look_and_advance(), self.degraded_after)

    def look_and_advance(self) -> int:
        """What a recurring monitor does."""
        try:
            state = self.state()
        except TimedOut as slow:
            if not self.tolerate("slow", slow, self.tolerated_timeouts):
                raise
            return self.degraded(slow.reason, codes.DEGRADED_PROMOTED)
        self.tolerate("slow", None, 0)
        if not self.phase and state in codes.UP:
            self.do(JOINING, ADOPTED)
        if self.phase in (WAITING, JOINING):
            return self.advance()
        return state

    def advance(self) -> int:
        """As an Unpromoted node: do the next step towards serving, without waiting for its end."""
        process = self.daemon().find()
        if self.phase == JOINING and process:
            if self.in_sync():
                self.tolerate("alone", None, 0)
                self.set_promotion_score(SCORE)
                return codes.RUNNING
            if not self.is_alone(process):
                self.abort_stalled_transfer(process)
                return self.degraded(self.progress(process))
            self.logger.error(f"ends the server: {stop(self.daemon(), self.deadline.part(0.5), grace=HUNG)}")
            self.wait_for_election()
        elif self.phase == JOINING:
            failure = Failure(f"joining failed: {last_error(files.tail(self.log))}")
            if not self.tolerate("joining", failure, JOINS):
                raise failure
            self.wait_for_election()
        if self.cluster_history():
            self.join()
            return self.degraded("it joins the cluster")
        election = self.election()
        if isinstance(election, Bootstrap):
            mine = election.node == self.operation.node
            self.set_promotion_score(SCORE if mine else None)
            return self.degraded(f"{election.node} begins the cluster: {election.reason}")
        self.set_promotion_score(None)
        if isinstance(election, Refuse):
            self.logger.error(election.reason)
        return self.degraded(election.reason)

    def wait_for_election(self) -> None:
        """Say how far this node's data goes, and wait for what follows from that."""
        self.do(WAITING, self.deadline.now)
        self.publish_position()

    def is_alone(self, process: Process) -> bool:
        """Whether a server joins where nobody serves any more: all that did have died since."""
        if self.cluster_history() or transferring(process) or self.note()[1:] == [ADOPTED]:
            self.tolerate("alone", None, 0)
            return False
        return not self.tolerate("alone", Failure("it joins, but no node serves"), ALONE)

    def abort_stalled_transfer(self, process: Process) -> None:
        """End a server whose state transfer has moved nothing for too long; joining then begins anew."""
        now, moved = self.deadline.now, written(process)
        words = (files.read(self.state_file("moved")) or "").split()
        if len(words) != 2 or int(words[0]) != moved:
            files.write(self.state_file("moved"), f"{moved} {now}")
        elif now - float(words[1]) > self.transfer_stall_timeout:
            self.logger.error(
                f"the state transfer has stood still for {self.transfer_stall_timeout:.0f} s; ending it"
            )
            stop(self.daemon(), self.deadline.part(0.5))

    # Acting.

    def validate(self) -> None:
        if self.operation.called_by_pacemaker and self.operation.node not in self.members():
            raise Failure(
                f"node {self.operation.node} is not in wsrep_cluster_address ({', '.join(self.members())}); "
                "add it there, or name its address in cluster_host_map",
                CONFIGURED,
            )
        for path in (self.config,):
            if not files.is_file(path):
                raise Failure(f"configuration file {path} is not there", INSTALLED)
        if not files.is_directory(self.datadir):
            raise Failure(f"data folder {self.datadir} is not there", INSTALLED)

    def start(self) -> None:
        self.forget_promotion_score()
        self.tolerate("joining", None, 0)
        self.tolerate("alone", None, 0)
        stop(self.daemon(), self.deadline.part(0.5))
        self.wait_for_election()
        try:
            self.advance()
        except Failure:
            files.remove(self.state_file("doing"))
            raise

    def join(self) -> None:
        """Start the server as a member of the cluster that others serve."""
        history, own = self.cluster_history(), self.reports().get(self.operation.node)
        if own is None:
            self.publish_position()
            own = self.reports()[self.operation.node]
        overwrite = self.cluster.attributes(self.attribute("overwrite")).get(self.operation.node) == "yes"
        join_refusal = decide.join_refusal(own, history, overwrite=overwrite)
        if join_refusal:
            raise Failure(
                f"{join_refusal}; if they may be lost, set {self.attribute('overwrite')}=yes on this node"
            )
        files.remove(self.state_file("moved"))
        self.launch(own, self.wsrep_cluster_address)
        self.logger.info(f"joins the cluster with history {history}")

    def launch(self, own: Report, address: str) -> None:
        """Start the server. What is said of this node's data is no longer true from here."""
        from shlex import split

        self.cluster.withdraw(self.attribute("position"))
        self.do(JOINING)
        more = split(self.additional_parameters)
        self.installation().launch(self.daemon(), own, address, more, niceness=self.niceness)

    def promote(self) -> None:
        if self.phase == WAITING and self.cluster_history():
            self.join()
        elif self.phase == WAITING:
            self.bootstrap_cluster()
        self.deadline.wait("this node to be in sync", lambda: self.still_runs() and self.in_sync(), every=0.1)
        with self.session() as session:
            history = session.status().get("wsrep_cluster_state_uuid", "")
        self.do(SERVING, history)
        self.cluster.publish_private(self.attribute("serving"), history)
        self.set_promotion_score(SCORE)

    def bootstrap_cluster(self) -> None:
        """Begin the cluster, if this node is still the elected one."""
        election = self.election()
        if not isinstance(election, Bootstrap) or election.node != self.operation.node:
            self.set_promotion_score(None)
            raise Failure(f"this node is not to begin the cluster: {election.reason}")
        self.logger.info(f"begins the cluster: {election.reason}")
        own = self.reports()[self.operation.node]
        self.installation().allow_bootstrap()
        self.launch(own, "gcomm://")
        for node in self.cluster.attributes(self.attribute("bootstrap-from")):
            self.cluster.withdraw(self.attribute("bootstrap-from"), node=node)

    def still_runs(self) -> bool:
        """True. Raises Failure when the server ended."""
        if not self.daemon().find():
            raise Failure(f"mariadbd ended: {last_error(files.tail(self.log))}")
        return True

    def demote(self) -> None:
        self.leave()
        self.wait_for_election()

    def leave(self) -> None:
        """Stop serving: tell the others and the clients first, then end the server."""
        self.forget_promotion_score()
        self.cluster.withdraw(self.attribute("serving"))
        self.drain_clients()
        grace = HUNG if self.hangs() else None
        self.logger.info(f"mariadbd: {stop(self.daemon(), self.deadline.part(0.9), grace=grace)}")

    def served(self) -> bool:
        """Whether there is a server that was seen to serve."""
        return self.phase == SERVING and self.daemon().find() is not None

    def drain_clients(self) -> None:
        """Have haproxy send clients of a server that serves elsewhere; where there is none, they wait."""
        if not (self.haproxy_socket and self.served()):
            return
        server = self.haproxy_server.replace("{node}", self.operation.node)
        try:
            drain_server(self.haproxy_socket, server, self.deadline.within(TELLING))
        except Failure as failure:
            self.logger.info(f"clients are not sent elsewhere: {failure.reason}")

    def hangs(self) -> bool:
        """Whether a server that served gives no answer any more; it will not stop in good order either."""
        if not self.served():
            return False
        try:
            with self.session():
                return False
        except TimedOut:
            return True
        except Failure:
            return False

    def stop(self) -> None:
        self.leave()
        files.remove(self.state_file("doing"))
        for what in ("position", "overwrite"):
            self.cluster.withdraw(self.attribute(what))

    def notify(self, notification: Notification) -> None:
        if notification.event in ("post-start", "post-promote") and self.phase == WAITING:
            self.advance()


AGENT = Galera
