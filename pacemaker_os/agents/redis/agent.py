"""The actions of the redis agent."""

from __future__ import annotations

from pacemaker_os.agents.redis import decide
from pacemaker_os.agents.redis.decide import Report
from pacemaker_os.agents.redis.server import Server, ServerError
from pacemaker_os.agents.redis.settings import PEER, RedisSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure, TimedOut
from pacemaker_os.ocf.network.stream import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.operation import Notification
    from pacemaker_os.ocf.process import Process

#: The master of a replica that has no master yet: nothing listens on port 1 of the loopback interface.
NO_MASTER = ("127.0.0.1", "1")

#: Time, in seconds, after which a server that does not respond is killed. It would not save its data either.
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
        daemon.pid_file = f"/proc/{pid}/stat"  # its first field is the PID
        found = daemon.find()
        if not found:
            raise Failure(f"port {self.port} is in use, but not by a Redis server of this node")
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
            return self.state()
        return self.if_persistent(self.monitor_and_follow(), self.degraded_after)

    def monitor_and_follow(self) -> int:
        """Run a recurring monitor."""
        if not self.process():
            return codes.NOT_RUNNING
        try:
            with self.connect() as server:
                info = server.info()
                state = self.state_from(info)
                if state in codes.UP_PROMOTED:
                    self.write_state("promoted", "")
                    self.set_promotion_score(decide.PROMOTED)
                else:
                    files.remove(self.state_file("promoted"))
                    self.follow_and_report(server, info)
        except TimedOut as slow:
            if not self.tolerate("slow", slow, self.tolerated_timeouts):
                raise
            # A promoted node stays promoted: only this agent changes the role.
            promoted = files.is_file(self.state_file("promoted"))
            return self.degraded(slow.reason, codes.DEGRADED_PROMOTED if promoted else codes.DEGRADED)
        self.tolerate("slow", None, 0)
        return state

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
        waited = int(info.get("uptime_in_seconds", "0")) > self.last_promoted_timeout
        if decide.missing(reports) and not waited:
            self.logger.info(f"waiting for {decide.missing(reports)}, which was promoted last")
        self.set_promotion_score(decide.score(self.operation.node, reports, waited=waited))

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
        """Make the server a replica of another."""
        access = self.access()
        if access.password:
            server.command("CONFIG", "SET", "masterauth", access.password)
        if access.user:
            server.command("CONFIG", "SET", "masteruser", access.user)
        server.command("REPLICAOF", host, str(port))
        self.logger.info(f"replica of {host}:{port}")

    # Actions.

    def validate(self) -> None:
        self.settings()
        self.access()
        if not files.is_directory(self.data_directory):
            raise Failure(f"data directory {self.data_directory} does not exist", INSTALLED)
        for pair in self.addresses.split():
            if ":" not in pair:
                raise Failure(f"parameter 'addresses': '{pair}' is not a NODE:HOST pair", CONFIGURED)

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
            return ["--port", "0", "--tls-port", str(self.port), "--tls-replication", "yes"]
        return ["--port", str(self.port)]

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
        lines = (files.tail(self.settings().get("logfile", "")) or files.tail(self.output)).splitlines()
        return lines[-1] if lines else "no output"

    def stop(self) -> None:
        self.set_promotion_score(None)
        if not self.has_leftovers():
            self.process()  # finds and records a server that the agent did not start
        how = self.daemon().stop(self.deadline, grace=None if self.responds() else HUNG_TIMEOUT)
        self.cluster.withdraw(self.attribute)
        self.logger.info(f"server process: {how}")

    def responds(self) -> bool:
        """Return whether the server executes commands."""
        try:
            with self.connect(PEER) as server:
                return server.command("PING") != ""
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
            self.fetch_missing_data(server, info, [node for node in sorted(reports) if node != own_node])
            server.command("REPLICAOF", "NO", "ONE")
            server.command("CONFIG", "SET", "min-replicas-to-write", str(self.min_replicas_to_write))
            generation = 1 + max([own.generation, *(report.generation for report in reports.values())])
            self.record(generation, own_node)
            self.cluster.publish_private(self.attribute, decide.encode(self.report(server.info())))
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
                server.command("CONFIG", "SET", "min-replicas-to-write", str(self.min_replicas_to_write))


def keys_of(keyspace: str) -> int:
    """Return the number of keys in a line of INFO keyspace: `keys=3,expires=0,avg_ttl=0`."""
    first = keyspace.partition(",")[0].removeprefix("keys=")
    return int(first) if first.isdigit() else 0


def offset_of(info: dict[str, str]) -> int:
    """Return the replication offset of a replica, in bytes."""
    return int(info.get("slave_repl_offset", "0"))


def caught_up(server: Server, offset: int) -> bool:
    """Return whether a replica has the data up to `offset`."""
    info = server.info("replication")
    return info.get("master_link_status") == "up" and offset_of(info) >= offset


AGENT = Redis
