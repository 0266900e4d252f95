"""The actions of the redis agent."""

from __future__ import annotations

from pacemaker_os.agents.redis import decide
from pacemaker_os.agents.redis.decide import Report
from pacemaker_os.agents.redis.server import Server, ServerError
from pacemaker_os.agents.redis.settings import PEER, RedisSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import CONFIGURED, FAILED_PROMOTED, INSTALLED, Failure, TimedOut
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.parameter import InvalidParameter
from pacemaker_os.ocf.process import Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.agents.redis.config import Config
    from pacemaker_os.ocf.operation import Notification

#: The master of a replica that has no master yet: nothing listens on port 1 of the loopback interface.
NO_MASTER = ("127.0.0.1", "1")

#: Time, in seconds, after which a server is killed that does not respond, or cannot save its data.
HUNG_TIMEOUT = 5.0


class Redis(RedisSettings):
    """Manages Redis or Valkey with one master and replicas. The replica with the most recent data is
    promoted. If a replica kept running while the master failed, the replication offset decides; after a
    full outage, the record that each node keeps with its data decides. A master that returns empty or
    with older data becomes a replica and syncs from the current master. Every instance starts as a
    replica, so that there is never a second master and no replica is overwritten by a master that lost
    its data. Configure the resource as a promotable clone with notify=true.
    """

    name = "redis"
    summary = "Redis or Valkey with one master and replicas"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=120),
        Action("monitor", timeout=30, interval=10, role="Promoted"),
        Action("monitor", timeout=30, interval=11, role="Unpromoted"),
        Action("promote", timeout=60),
        Action("demote", timeout=30),
        Action("notify", timeout=20),
    )

    # The data of this node, and the reports of all nodes.

    @property
    def history_file(self) -> str:
        return f"{self.data_directory}/.pacemaker-os-{self.operation.resource}"

    def history(self) -> tuple[int, str]:
        """Return the generation of the data on this disk, and the node that was promoted to it."""
        fields = (files.read(self.history_file) or "").split()
        return (int(fields[0]), fields[1]) if len(fields) == 2 and fields[0].isdigit() else (0, "")

    def record(self, generation: int, node: str) -> None:
        """Record, with the data and for this process, that the data is complete up to `generation`."""
        if self.history() != (generation, node):
            owner = files.account(self.user)
            files.write(self.history_file, f"{generation} {node}\n", mode=0o640, owner=owner)
        continuous = f"{self.daemon().find()} {generation}"
        if files.read(self.state_file("whole")) != continuous:
            self.write_state("whole", continuous)

    def report(self, info: dict[str, str]) -> Report:
        """Return the report of this node."""
        generation, last = self.history()
        process = self.daemon().find()
        promoted = info.get("role") == "master"
        offset = info.get("master_repl_offset" if promoted else "slave_repl_offset", "0")
        return Report(
            generation,
            bool(process) and files.read(self.state_file("whole")) == f"{process} {generation}",
            int(offset) if offset.isdigit() else 0,
            promoted,
            last == self.operation.node,
            sum(keys_of(value) for name, value in info.items() if name.startswith("db")),
            info.get("master_replid", ""),
            last,
        )

    def reports(self) -> dict[str, Report]:
        """Return the reports of all nodes."""
        return decide.decode_all(self.cluster.attributes(self.attribute))

    # Monitoring.

    def process(self) -> Process | None:
        """Return the server process, even if the agent did not start it."""
        daemon = self.daemon()
        if daemon.find():
            return daemon.find()
        try:
            with self.connect() as server:
                pid = server.info("server").get("process_id", "")
        except Refused:
            return None
        found = Process.find(int(pid)) if pid.isdigit() else None
        if not found or found.program.rpartition("/")[2] not in daemon.programs:
            raise Failure(f"port {self.server_port} is in use, but not by a Redis server of this node")
        daemon.remember(found)
        return found

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def state(self) -> int:
        if not self.process():
            return codes.NOT_RUNNING
        with self.connect() as server:
            return self.state_from(server.info())

    def state_from(self, info: dict[str, str]) -> int:
        """Return the state that INFO shows."""
        if info.get("role") == "master":
            return codes.RUNNING_PROMOTED
        if info.get("loading") == "1":
            return self.degraded("loading the dataset")
        waiting = (info.get("master_host"), info.get("master_port")) == NO_MASTER
        if not waiting and info.get("master_link_status") != "up":
            if info.get("master_sync_in_progress") == "1":
                return self.degraded(f"syncing from {info.get('master_host')}")
            return self.degraded(f"no link to master {info.get('master_host')}")
        return codes.RUNNING

    def monitor(self) -> int:
        if self.operation.is_probe:
            return self.probe()
        if not self.process():
            return codes.NOT_RUNNING
        try:
            with self.connect() as server:
                info = server.info()
                state = self.state_from(info)
                if state in codes.UP_PROMOTED:
                    self.publish_as_master(info)
                    state = self.check_writes(info)
                else:
                    self.follow_and_report(server, info)
        except TimedOut as slow:
            if not self.tolerate("slow", slow, self.tolerated_timeouts):
                raise
            # A promoted node stays promoted: only this agent changes the role.
            promoted = files.is_file(self.state_file("promoted"))
            state = self.degraded(slow.reason, codes.DEGRADED_PROMOTED if promoted else codes.DEGRADED)
            return self.if_persistent(state, self.degraded_after)
        self.tolerate("slow", None, 0)
        # A master that rejects all writes is reported immediately; other degradations are usually short.
        return state if state in codes.UP_PROMOTED else self.if_persistent(state, self.degraded_after)

    def probe(self) -> int:
        """Return the state, and publish what pacemaker-attrd lost while Pacemaker was stopped."""
        state = self.state()
        if state in codes.UP_PROMOTED:
            with self.connect() as server:
                self.publish_as_master(server.info())
        return state

    def publish_as_master(self, info: dict[str, str]) -> None:
        """Publish the report and the score of a promoted node, if pacemaker-attrd does not have them."""
        published = self.reports().get(self.operation.node)
        if published is None or not published.promoted:
            self.cluster.publish_private(self.attribute, decide.encode(self.report(info)))
            self.set_promotion_score(decide.PROMOTED)

    def follow_and_report(self, server: Server, info: dict[str, str]) -> None:
        """As a replica: follow the promoted node, record a completed sync, and publish the report."""
        self.record_completed_sync(info)
        reports = self.reports()
        promoted = decide.promoted_node(reports)
        if promoted and promoted != self.operation.node:
            self.follow(server, info, promoted, reports[promoted])
        own = self.report(info)
        following = info.get("master_link_status") == "up"
        if decide.must_publish(own, reports.get(self.operation.node), following=following):
            self.cluster.publish_private(self.attribute, decide.encode(own))
        reports[self.operation.node] = own
        if promoted and following:
            self.write_state("peers", " ".join(sorted(reports)))
        self.publish_score(info, reports)

    def publish_score(self, info: dict[str, str], reports: dict[str, Report]) -> None:
        """Publish the promotion score of a replica."""
        awaited = self.awaited(reports)
        if awaited:
            self.logger.info(f"waiting for {awaited}, which was promoted last")
        refusal = write_refusal(info, self.settings())
        if refusal:
            self.logger.warning(f"not a candidate for a promotion: {refusal}")
        if refusal or info.get("slave_priority") == "0":
            self.set_promotion_score(None)
        else:
            node, peers = self.operation.node, self.peers()
            self.set_promotion_score(decide.score(node, reports, peers, waited=not awaited))

    def peers(self) -> list[str]:
        """Return the nodes that had a report while this node followed the promoted one."""
        return (files.read(self.state_file("peers")) or "").split()

    def awaited(self, reports: dict[str, Report]) -> str:
        """Return the node that was promoted last, as long as it must be waited for; else an empty string."""
        missing = decide.missing(reports, self.peers())
        node, _, since = (files.read(self.state_file("missing")) or "").partition(" ")
        if not missing:
            files.remove(self.state_file("missing"))
            return ""
        if node != missing:
            since = str(self.deadline.now)
            self.write_state("missing", f"{missing} {since}")
        return missing if self.deadline.now - float(since) < self.last_promoted_timeout else ""

    def check_writes(self, info: dict[str, str]) -> int:
        """Return the state of a promoted server: degraded if it rejects all writes.

        Raises Failure if another node can be promoted instead. Otherwise a restart would not help.
        """
        refusal = write_refusal(info, self.settings())
        if not refusal:
            return codes.RUNNING_PROMOTED
        scores = self.cluster.attributes(self.cluster.score_name)
        if any(node != self.operation.node for node in scores):
            raise Failure(refusal, FAILED_PROMOTED)
        return self.degraded(refusal, codes.DEGRADED_PROMOTED)

    def record_completed_sync(self, info: dict[str, str]) -> None:
        """Record the generation of the data as soon as it has the replication ID of the followed master.

        Redis adopts this ID when it has all of the data. The promoted node may have failed since.
        """
        fields = (files.read(self.state_file("following")) or "").split()
        if len(fields) == 3 and fields[2] == info.get("master_replid"):
            self.record(int(fields[0]), fields[1])

    def follow(self, server: Server, info: dict[str, str], node: str, promoted: Report) -> None:
        """Make the server a replica of `node`; once it is in sync, record the generation of its data."""
        history = f"{promoted.generation} {promoted.last} {promoted.replid}"
        if files.read(self.state_file("following")) != history:
            self.write_state("following", history)
        host, port = self.address(node)
        if (info.get("master_host"), info.get("master_port")) != (host, str(port)):
            own = self.report(info)
            if not decide.may_follow(own, promoted):
                raise Failure(
                    f"cannot follow {node}: it is promoted with generation {promoted.generation}, but this "
                    f"node has newer data (generation {own.generation}), which would be lost"
                )
            self.attach(server, host, port)
        elif info.get("master_link_status") == "up":
            self.record(promoted.generation, promoted.last)

    def attach(self, server: Server, host: str, port: int) -> None:
        """Make the server a replica of another. Credentials that are in its configuration are not set."""
        for name, value in self.credentials_to_set().items():
            server.command("CONFIG", "SET", name, value)
        server.command("REPLICAOF", host, str(port))
        self.logger.info(f"replica of {host}:{port}")

    # Actions.

    def validate(self) -> None:
        self.require_commands()
        if not files.is_directory(self.data_directory):
            raise Failure(f"data directory {self.data_directory} does not exist", INSTALLED)
        self.require_mounted(self.data_directory)
        self.address(self.operation.node)

    def require_commands(self) -> None:
        """Raise Failure if the configuration disables a command that the agent needs."""
        renamed, needed = self.access().renamed, ["INFO", "PING", "REPLICAOF", "CLIENT"]
        if self.min_replicas_to_write is not None or self.credentials_to_set():
            needed.append("CONFIG")
        disabled = [name for name in needed if renamed.get(name) == ""]
        if disabled:
            raise Failure(
                f"{self.config} disables {', '.join(disabled)} (rename-command), which the agent needs; "
                "rename the command instead, or set masterauth and masteruser in this file",
                CONFIGURED,
            )

    def start(self) -> None:
        self.stop_half_started()
        self.set_promotion_score(None)
        for what in ("whole", "following"):
            files.remove(self.state_file(what))
        argv = [self.binary, self.config, "--daemonize", "no", "--supervised", "no"]
        argv += [*self.listening(), "--replicaof", *NO_MASTER]
        files.remove(self.output)
        self.daemon().launch(
            argv, user=self.user, log=self.output, directory=self.data_directory, open_files=65536
        )
        self.deadline.wait("the server to load its data", self.ready, every=0.05)
        with self.connect() as server:
            self.follow_and_report(server, server.info())

    def listening(self) -> list[str]:
        """Return the arguments for the port, with or without TLS."""
        if self.tls:
            return ["--port", "0", "--tls-port", str(self.server_port), "--tls-replication", "yes"]
        return ["--port", str(self.server_port)]

    def stop_half_started(self) -> None:
        """Stop the process of an earlier start, which hangs."""
        self.daemon().stop(self.deadline.part(0.5))

    def ready(self) -> bool:
        """Return whether the server responds and has loaded its data. Raises Failure if it has exited."""
        if not self.daemon().find():
            raise Failure(f"the server exited during startup: {self.last_output_line()}")
        try:
            with self.connect() as server:
                return server.info("persistence").get("loading") == "0"
        except (Refused, TimedOut):
            return False
        except ServerError as error:
            if "LOADING" in error.reason:
                return False
            raise

    @property
    def output(self) -> str:
        """The file with the output of the server before it opens its log file."""
        return self.state_file("output")

    def last_output_line(self) -> str:
        """Return the last line that the server wrote."""
        lines = (files.tail(self.settings().get("logfile")) or files.tail(self.output)).splitlines()
        return lines[-1] if lines else "no output"

    def stop(self) -> None:
        self.set_promotion_score(None)
        if not self.has_leftovers():
            self.adopt()
        grace = None if self.ends_cleanly() else HUNG_TIMEOUT
        how = self.daemon().stop(self.deadline, grace=grace)
        self.cluster.withdraw(self.attribute)
        files.remove(self.state_file("promoted"))
        self.logger.info(f"server process: {how}")

    def adopt(self) -> None:
        """Find and record a server that the agent did not start. Raises TimedOut if it does not respond.

        Another program on this port is not the agent's: its errors must not let a stop fail.
        """
        try:
            self.process()
        except (InvalidParameter, TimedOut):
            raise
        except Failure as failure:
            self.logger.warning(f"nothing to stop: {failure.reason}")

    def ends_cleanly(self) -> bool:
        """Return whether the server can save its data at a shutdown; otherwise it would never end."""
        try:
            with self.connect(PEER) as server:
                return not write_refusal(server.info(), self.settings())
        except ServerError:
            return True  # An error, such as MASTERDOWN or LOADING, is a response, too.
        except Failure:
            return False

    def promote(self) -> None:
        reports = self.reports()
        own_node = self.operation.node
        with self.connect() as server:
            info = server.info()
            if info.get("loading") == "1":
                raise Failure("cannot promote: the server is still loading its data")
            own = self.report(info)
            # Pacemaker decides by scores from before the failure of another node.
            awaited = self.awaited(reports | {own_node: own})
            if awaited:
                self.set_promotion_score(None)
                lost = ", ".join(decide.unaccounted(reports | {own_node: own}, self.peers()))
                raise Failure(
                    f"cannot promote: {lost} may have acknowledged writes that this node does not have; "
                    f"waiting for {awaited}, which was promoted last"
                )
            self.configure_minimum(server)
            self.fetch_missing_data(server, info, [node for node in sorted(reports) if node != own_node])
            server.command("REPLICAOF", "NO", "ONE")
            generation = 1 + max([own.generation, *(report.generation for report in reports.values())])
            self.record(generation, own_node)
            self.cluster.publish_private(self.attribute, decide.encode(self.report(server.info())))
        self.write_state("promoted", "")
        self.set_promotion_score(decide.PROMOTED)
        self.logger.info(f"promoted to generation {generation}")

    def fetch_missing_data(self, server: Server, info: dict[str, str], peers: list[str]) -> None:
        """Before a promotion, fetch data that another replica has and this node does not.

        Scores are as old as the last monitor, so the current offsets are queried. Raises Failure if another
        node is already a master.
        """
        best, offset = "", offset_of(info)
        for node in peers:
            try:
                with self.connect_peer(node) as peer:
                    theirs = peer.info("replication")
            except Failure as gone:
                self.logger.info(f"cannot query {node}: {gone.reason}")
                continue
            if theirs.get("role") == "master":
                raise Failure(f"cannot promote: {node} is already a master, and two masters would diverge")
            # Only offsets of the same replication ID can be compared.
            if theirs.get("master_replid") == info.get("master_replid") and offset_of(theirs) > offset:
                best, offset = node, offset_of(theirs)
        if best:
            self.fetch(server, best, offset)

    def fetch(self, server: Server, node: str, offset: int) -> None:
        """Sync from `node`, which has the data up to `offset`.

        It is a master, with writes paused, for that time.
        """
        self.logger.info(f"syncing from {node}, which has more data (offset {offset})")
        host, port = self.address(node)
        limit = self.deadline.part(0.8)
        with Server(host, port, self.access(), self.deadline) as peer:
            try:
                peer.command("CLIENT", "PAUSE", str(int(self.deadline.left * 1000)), "WRITE")
                peer.command("REPLICAOF", "NO", "ONE")
                self.attach(server, host, port)
                limit.wait(f"the data of {node}", lambda: caught_up(server, offset), every=0.05)
            finally:
                server.command("REPLICAOF", *NO_MASTER)
                self.attach(peer, *self.address(self.operation.node))
                peer.command("CLIENT", "UNPAUSE")

    def demote(self) -> None:
        with self.connect() as server:
            server.command("REPLICAOF", *NO_MASTER)
            self.cluster.publish_private(self.attribute, decide.encode(self.report(server.info())))
        files.remove(self.state_file("promoted"))
        self.set_promotion_score(None)

    def notify(self, notification: Notification) -> None:
        if notification.event in ("post-promote", "post-start", "post-demote", "post-stop"):
            with self.connect(PEER) as server:
                info = server.info()
                if info.get("role") != "master":
                    self.follow_and_report(server, info)

    def reload_agent(self) -> None:
        if self.state() in codes.UP_PROMOTED:
            with self.connect() as server:
                self.configure_minimum(server)

    def configure_minimum(self, server: Server) -> None:
        """Set min-replicas-to-write, if the parameter is set."""
        if self.min_replicas_to_write is not None:
            server.command("CONFIG", "SET", "min-replicas-to-write", str(self.min_replicas_to_write))


def keys_of(keyspace: str) -> int:
    """Return the number of keys in a line of INFO keyspace: `keys=3,expires=0,avg_ttl=0`."""
    first = keyspace.partition(",")[0].removeprefix("keys=")
    return int(first) if first.isdigit() else 0


def write_refusal(info: dict[str, str], settings: Config) -> str:
    """Return why a promoted server with this configuration would reject all writes (MISCONF), or ""."""
    if info.get("aof_enabled") == "1" and info.get("aof_last_write_status", "ok") != "ok":
        return "rejects writes: the last write to the append-only file failed; check the disk"
    saves = [words for words in settings.all("save") if words not in ([], [""])]
    if (
        info.get("rdb_last_bgsave_status", "ok") != "ok"
        and (saves or not settings.all("save"))
        and settings.get("stop-writes-on-bgsave-error", "yes") != "no"
    ):
        return "rejects writes: the last snapshot failed (stop-writes-on-bgsave-error); check the disk"
    return ""


def offset_of(info: dict[str, str]) -> int:
    """Return the replication offset of a replica, in bytes."""
    return int(info.get("slave_repl_offset", "0"))


def caught_up(server: Server, offset: int) -> bool:
    """Return whether a replica has the data up to `offset`."""
    info = server.info("replication")
    return info.get("master_link_status") == "up" and offset_of(info) >= offset


AGENT = Redis
