"""The actions of the galera agent.

A node is Promoted while it serves: it is in the primary component, synced and ready. An Unpromoted node waits
for the election or joins the cluster. A state transfer of any length happens in the role Unpromoted, so no
operation has to wait for its end. The phase of a node is recorded in a state file, which does not survive a
reboot.
"""

from __future__ import annotations

from pacemaker_os.agents.galera import decide
from pacemaker_os.agents.galera.decide import Bootstrap, Refuse, Report
from pacemaker_os.agents.galera.haproxy import drain_server
from pacemaker_os.agents.galera.server import (
    first_error,
    has_state_transfer,
    progress_of_copy,
    stop,
)
from pacemaker_os.agents.galera.settings import GaleraSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import CONFIGURED, FAILED_PROMOTED, INSTALLED, Failure, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.operation import Notification
    from pacemaker_os.ocf.process import Process

#: Phases of a node.
WAITING, JOINING, SERVING = "waiting", "joining", "serving"

#: Recorded for a server that the agent did not start: the agent manages it, but never stops it for being
#: slow.
ADOPTED = "adopted"

#: wsrep_local_state of a synced node, and of the donor of a state transfer.
SYNCED, DONOR = "4", "2"

#: Promotion score of a synced node, and of the node that is elected to bootstrap the cluster.
SCORE = 100

#: Time, in seconds, after which a server is killed that does not respond, or has not joined yet.
HUNG_TIMEOUT = 10.0

#: Timeout for draining the server in haproxy, in seconds.
HAPROXY_TIMEOUT = 2.0

#: Number of consecutive monitors that find a joining server while no node serves the cluster, before it is
#: stopped: it would wait forever.
ALONE_LIMIT = 3

#: Number of failed joins that are retried before joining counts as failed.
JOIN_RETRIES = 3


class Galera(GaleraSettings):
    """Manages a MariaDB Galera cluster in which every node accepts writes. After a full outage, each node
    publishes its last committed position; the most advanced node bootstraps the cluster and the others
    join in parallel. Nodes with different cluster state UUIDs are never merged: the agent reports the
    conflict and waits for an operator, who sets one of two node attributes with attrd_updater.
    RESOURCE-bootstrap-from names the node that bootstraps the cluster. RESOURCE-overwrite=yes, set on a
    node, allows a state transfer to overwrite the data of that node. A node is Promoted while it is synced
    and serves clients. Configure the resource as a promotable clone with notify=true and with promoted-max
    equal to the number of nodes.
    """

    name = "galera"
    summary = "MariaDB Galera cluster with automatic bootstrap and recovery"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=180),
        Action("monitor", timeout=30, interval=10, role="Promoted"),
        Action("monitor", timeout=30, interval=3, role="Unpromoted"),
        Action("promote", timeout=180),
        Action("demote", timeout=180),
        Action("notify", timeout=20),
    )

    # The phase of this node, and the reports of all nodes.

    def recorded_phase(self) -> list[str]:
        """Return the recorded phase, and the time or the cluster state UUID that was recorded with it."""
        return (files.read(self.state_file("doing")) or "").split()

    @property
    def phase(self) -> str:
        return self.recorded_phase()[0] if self.recorded_phase() else ""

    def set_phase(self, phase: str, detail: object = "") -> None:
        """Record the phase of this node."""
        self.write_state("doing", f"{phase} {detail}".rstrip())

    def attribute(self, what: str) -> str:
        """Return the name of a node attribute of this resource."""
        return f"{self.operation.resource}-{what}"

    def publish_position(self) -> None:
        """Publish the position of this node's data."""
        report = self.installation().report(self.run_command, self.state_file("recovery"))
        self.logger.info(
            f"position {report.uuid}:{report.seqno}, safe to bootstrap: {report.safe}, copy: {report.copy}"
        )
        self.cluster.publish_private(self.attribute("position"), decide.encode(report))

    def reports(self) -> dict[str, Report]:
        """Return the published positions of all nodes."""
        return decide.decode_all(self.cluster.attributes(self.attribute("position")))

    def active_cluster_uuid(self) -> str:
        """Return the cluster state UUID that other nodes serve now; empty if none serves."""
        serving = self.cluster.attributes(self.attribute("serving"))
        serving.pop(self.operation.node, None)
        return min(serving.values(), default="")

    def election(self) -> Bootstrap | decide.Wait | Refuse:
        """Return the result of the election of the node that bootstraps the cluster."""
        attribute = self.attribute("bootstrap-from")
        chosen = self.cluster.attributes(attribute)
        recorded = self.recorded_phase()
        since = float(recorded[1]) if len(recorded) > 1 and recorded[0] == WAITING else self.deadline.now
        waited = 0 < self.missing_node_timeout < self.deadline.now - since
        return decide.elect(
            self.members(),
            self.reports(),
            chosen=min(chosen.values(), default=""),
            waited=waited,
            attribute=attribute,
        )

    # Monitoring.

    def state(self) -> int:
        process, phase = self.daemon().find(), self.phase
        if process and phase == SERVING:
            return self.check_server()
        if process and not phase:
            return self.check_server() if self.is_synced() else codes.RUNNING
        if phase == SERVING:
            raise Failure(
                f"mariadbd terminated unexpectedly: {first_error(files.tail(self.log))}", FAILED_PROMOTED
            )
        if phase == JOINING:
            return self.degraded(self.progress(process))
        return codes.RUNNING if phase == WAITING else codes.NOT_RUNNING

    def check_server(self) -> int:
        """Return the state of a server that should serve clients."""
        with self.session() as session:
            status = session.status()
        size, expected = status.get("wsrep_cluster_size", "0"), len(self.members())
        recorded = self.recorded_phase()
        if status.get("wsrep_cluster_status") != "Primary":
            raise Failure(
                f"not in the primary component: the server sees {size} of {expected} nodes", FAILED_PROMOTED
            )
        if len(recorded) > 1 and recorded[1] != status.get("wsrep_cluster_state_uuid"):
            other = status.get("wsrep_cluster_state_uuid")
            raise Failure(
                f"promoted in the cluster {recorded[1]}, but now in the cluster {other}", FAILED_PROMOTED
            )
        if status.get("wsrep_local_state") == DONOR:
            return self.degraded("donor of a state transfer", codes.DEGRADED_PROMOTED)
        if status.get("wsrep_ready") != "ON" or status.get("wsrep_local_state") != SYNCED:
            what = status.get("wsrep_local_state_comment", "not ready")
            return self.degraded(f"not synced: {what}", codes.DEGRADED_PROMOTED)
        if status.get("read_only") not in ("0", "OFF"):
            return self.degraded("the server is read-only", codes.DEGRADED_PROMOTED)
        if size.isdigit() and int(size) < expected:
            return self.degraded(f"{size} of {expected} nodes are in the cluster", codes.DEGRADED_PROMOTED)
        return codes.RUNNING_PROMOTED

    def is_synced(self) -> bool:
        """Return whether the server is in the primary component, synced and ready."""
        return bool(self.synced_with())

    def synced_with(self) -> str:
        """Return the state UUID of the cluster that the server is synced with; empty if it is not synced."""
        try:
            with self.session() as session:
                status = session.status()
        except Failure as failure:
            self.degraded_reason = failure.reason
            return ""
        synced = (
            status.get("wsrep_cluster_status") == "Primary"
            and status.get("wsrep_ready") == "ON"
            and status.get("wsrep_local_state") == SYNCED
        )
        return status.get("wsrep_cluster_state_uuid", "") if synced else ""

    def progress(self, process: Process | None) -> str:
        """Return a description of the progress of joining."""
        if not process:
            return f"mariadbd exited while joining: {first_error(files.tail(self.log))}"
        if has_state_transfer(process):
            mebibytes = progress_of_copy(self.datadir)[0] >> 20
            return f"joining the cluster: state transfer in progress, {mebibytes} MiB in the data directory"
        return "joining the cluster"

    def monitor(self) -> int:
        if self.operation.is_probe:
            state = self.state()
            self.publish_again()
            return state
        return self.if_persistent(self.monitor_and_advance(), self.degraded_after)

    def publish_again(self) -> None:
        """Publish what this node should have published, as far as it is lost.

        pacemaker-attrd loses the attributes of its node when it fails, and when Pacemaker is stopped in
        maintenance mode while the server runs.
        """
        recorded, process = self.recorded_phase(), self.daemon().find()
        if self.phase == SERVING and process:
            own = self.cluster.attributes(self.attribute("serving")).get(self.operation.node)
            if own != recorded[1]:
                self.cluster.publish_private(self.attribute("serving"), recorded[1])
                self.set_promotion_score(SCORE)
        elif self.phase == WAITING and self.operation.node not in self.reports():
            self.publish_position()

    def monitor_and_advance(self) -> int:
        """Run a recurring monitor."""
        try:
            state = self.state()
        except TimedOut as slow:
            if not self.tolerate("slow", slow, self.tolerated_timeouts):
                raise
            return self.degraded(slow.reason, codes.DEGRADED_PROMOTED)
        self.tolerate("slow", None, 0)
        if not self.phase and state in codes.UP:
            self.set_phase(JOINING, ADOPTED)
        self.publish_again()
        if self.phase in (WAITING, JOINING):
            return self.advance()
        return state

    def advance(self) -> int:
        """Take the next step of an Unpromoted node towards serving, without waiting for its end."""
        process = self.daemon().find()
        if self.phase == JOINING and process:
            cluster_uuid = self.synced_with()
            if cluster_uuid:
                self.tolerate("alone", None, 0)
                self.installation().record_synced(cluster_uuid)
                self.set_promotion_score(SCORE)
                return codes.RUNNING
            if not self.is_alone(process):
                self.abort_stalled_transfer(process)
                return self.degraded(self.progress(process))
            self.logger.error(
                "no node serves the cluster; stopped mariadbd: "
                f"{stop(self.daemon(), self.deadline.part(0.5), grace=HUNG_TIMEOUT)}"
            )
            self.wait_for_election()
        elif self.phase == JOINING:
            failure = Failure(f"joining failed: {first_error(files.tail(self.log))}")
            if not self.tolerate("joining", failure, JOIN_RETRIES):
                raise failure
            self.wait_for_election()
        if self.active_cluster_uuid():
            self.join()
            return self.degraded("joining the cluster")
        election = self.election()
        if isinstance(election, Bootstrap):
            mine = election.node == self.operation.node
            self.set_promotion_score(SCORE if mine else None)
            return self.degraded(f"{election.node} is elected to bootstrap the cluster: {election.reason}")
        self.set_promotion_score(None)
        if isinstance(election, Refuse):
            self.logger.error(election.reason)
        return self.degraded(election.reason)

    def wait_for_election(self) -> None:
        """Publish the position of this node's data, and wait for the election."""
        self.set_phase(WAITING, self.deadline.now)
        self.publish_position()

    def is_alone(self, process: Process) -> bool:
        """Return whether a server is joining although no node serves the cluster any longer."""
        if (
            self.active_cluster_uuid()
            or has_state_transfer(process)
            or self.recorded_phase()[1:] == [ADOPTED]
        ):
            self.tolerate("alone", None, 0)
            return False
        return not self.tolerate("alone", Failure("joining, but no node serves the cluster"), ALONE_LIMIT)

    def abort_stalled_transfer(self, process: Process) -> None:
        """Stop a server whose state transfer makes no progress; the next monitor restarts the join."""
        if not has_state_transfer(process):
            files.remove(self.state_file("moved"))
            return
        now, copied = self.deadline.now, "{} {}".format(*progress_of_copy(self.datadir))
        known, _, since = (files.read(self.state_file("moved")) or "").rpartition(" ")
        if known != copied:
            self.write_state("moved", f"{copied} {now}")
        elif now - float(since) > self.transfer_stall_timeout:
            self.logger.error(
                f"no data transferred for {self.transfer_stall_timeout:.0f} s; stopping mariadbd "
                "to restart the state transfer"
            )
            stop(self.daemon(), self.deadline.part(0.5))

    def record_synced(self) -> str:
        """Record durably that this node has a complete copy; return the cluster state UUID."""
        with self.session() as session:
            cluster_uuid = session.status().get("wsrep_cluster_state_uuid", "")
        self.installation().record_synced(cluster_uuid)
        return cluster_uuid

    # Actions.

    def validate(self) -> None:
        if self.operation.called_by_pacemaker and self.operation.node not in self.members():
            raise Failure(
                f"node {self.operation.node} is not in wsrep_cluster_address ({', '.join(self.members())}); "
                "add it, or map its address to the node in cluster_host_map",
                CONFIGURED,
            )
        if not files.is_file(self.config):
            raise Failure(f"configuration file {self.config} does not exist", INSTALLED)
        if not files.is_directory(self.datadir):
            raise Failure(f"data directory {self.datadir} does not exist", INSTALLED)
        self.require_mounted(self.datadir)

    def start(self) -> None:
        self.set_promotion_score(None)
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
        """Start the server as a member of the cluster that other nodes serve."""
        cluster_uuid, own = self.active_cluster_uuid(), self.reports().get(self.operation.node)
        if own is None:
            self.publish_position()
            own = self.reports()[self.operation.node]
        overwrite = self.cluster.attributes(self.attribute("overwrite")).get(self.operation.node) == "yes"
        join_refusal = decide.join_refusal(own, cluster_uuid, overwrite=overwrite)
        if join_refusal:
            raise Failure(
                f"{join_refusal}; to discard the data of this node, run: "
                f"attrd_updater -n {self.attribute('overwrite')} -U yes -N {self.operation.node}"
            )
        files.remove(self.state_file("moved"))
        self.installation().prepare_join(own)
        self.launch(own, self.wsrep_cluster_address)
        self.logger.info(f"joining the cluster {cluster_uuid}")

    def launch(self, own: Report, address: str) -> None:
        """Start the server. The published position of this node is invalid from here on."""
        self.cluster.withdraw(self.attribute("position"))
        self.set_phase(JOINING)
        more, niceness = self.additional_parameters, self.niceness
        self.installation().launch(self.daemon(), own, address, more, niceness=niceness)

    def promote(self) -> None:
        if self.phase == WAITING and self.active_cluster_uuid():
            self.join()
        elif self.phase == WAITING:
            self.bootstrap_cluster()
        self.deadline.wait(
            "this node to be synced", lambda: self.still_runs() and self.is_synced(), every=0.1
        )
        cluster_uuid = self.record_synced()
        self.set_phase(SERVING, cluster_uuid)
        self.cluster.publish_private(self.attribute("serving"), cluster_uuid)
        self.set_promotion_score(SCORE)

    def bootstrap_cluster(self) -> None:
        """Bootstrap the cluster, if this node is still the elected one."""
        election = self.election()
        if not isinstance(election, Bootstrap) or election.node != self.operation.node:
            self.set_promotion_score(None)
            raise Failure(f"this node is not elected to bootstrap the cluster: {election.reason}")
        self.logger.info(f"bootstrapping the cluster: {election.reason}")
        own = self.reports()[self.operation.node]
        self.installation().allow_bootstrap(own)
        self.launch(own, "gcomm://")
        for node in self.cluster.attributes(self.attribute("bootstrap-from")):
            self.cluster.withdraw(self.attribute("bootstrap-from"), node=node)

    def still_runs(self) -> bool:
        """Return True. Raises Failure if the server has ended."""
        if not self.daemon().find():
            raise Failure(f"mariadbd exited: {first_error(files.tail(self.log))}")
        return True

    def demote(self) -> None:
        """Stop serving. A synced server stays a member of the cluster.

        Pacemaker also demotes it if only its promotion score was lost, and promotes it again.
        """
        if self.daemon().find() and self.is_synced():
            self.cluster.withdraw(self.attribute("serving"))
            self.drain_clients()
            self.set_phase(JOINING)
            self.set_promotion_score(SCORE)
            return
        self.shut_down()
        self.wait_for_election()

    def shut_down(self) -> None:
        """Stop serving: update the node attributes, drain the clients, then stop the server."""
        self.set_promotion_score(None)
        self.cluster.withdraw(self.attribute("serving"))
        self.drain_clients()
        grace = None if self.ends_cleanly() else HUNG_TIMEOUT
        self.logger.info(f"mariadbd: {stop(self.daemon(), self.deadline.part(0.9), grace=grace)}")

    def was_serving(self) -> bool:
        """Return whether the server runs and may have clients."""
        return self.phase in (SERVING, JOINING) and self.daemon().find() is not None

    def drain_clients(self) -> None:
        """Drain the clients of a server that serves. Without haproxy they wait until it has stopped."""
        if not (self.haproxy_socket and self.was_serving()):
            return
        server = self.haproxy_server.replace("{node}", self.operation.node)
        try:
            drain_server(self.haproxy_socket, server, self.deadline.within(HAPROXY_TIMEOUT))
        except Failure as failure:
            self.logger.info(f"cannot drain the server in haproxy: {failure.reason}")

    def ends_cleanly(self) -> bool:
        """Return whether a clean shutdown is possible.

        A server that does not respond does not shut down cleanly either. A joining one would wait for the end
        of its state transfer, which has to be repeated anyway.
        """
        if not self.was_serving():
            return True
        if self.phase == JOINING:
            return self.is_synced()
        try:
            with self.session():
                return True
        except TimedOut:
            return False
        except Failure:
            return True

    def stop(self) -> None:
        self.shut_down()
        files.remove(self.state_file("doing"))
        for what in ("position", "overwrite"):
            self.cluster.withdraw(self.attribute(what))

    def notify(self, notification: Notification) -> None:
        if notification.event in ("post-start", "post-promote") and self.phase == WAITING:
            self.advance()


AGENT = Galera
