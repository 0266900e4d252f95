"""The actions of the rabbitmq agent."""

from __future__ import annotations

from pacemaker_os.agents.rabbitmq import decide
from pacemaker_os.agents.rabbitmq.decide import Report
from pacemaker_os.agents.rabbitmq.settings import RabbitMQSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure, TimedOut
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.process import IdleTimer
from pacemaker_os.ocf.steps import RUNNING, STARTING, STOPPED, Boot, Form, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Timeout of the AMQP listener's response, in seconds.
GREETING_TIMEOUT = 5.0

#: Time, in seconds, after which a start no longer waits for other brokers: their nodes may be started only
#: after this start has ended.
WAIT_FOR_PEERS = 5.0

#: Time, in seconds, that a booting broker that does not wait for others may be idle. With slow name
#: resolution, Erlang 25's `global` sometimes stops forever while it negotiates with its peers.
BOOT_IDLE_TIMEOUT = 45.0

#: Time, in seconds, that a broker waits for others before a monitor reports it as degraded.
DEGRADED_AFTER = 30.0

#: Number of consecutive failures to query the broker for its peers that are tolerated.
TOLERATED_QUERY_FAILURES = 2

#: Time, in seconds, after which a broker that does not respond is killed.
HUNG_TIMEOUT = 5.0


class RabbitMQ(RabbitMQSettings):
    """Manages a RabbitMQ cluster that keeps its data. A node with data boots with that data and waits for
    the nodes that ran longer. A node without data joins the others. A new cluster is formed only if no
    node has data. The agent never deletes data to start a node: queues, messages, users, policies and
    parameters survive a full power loss. Stopping a node does not remove it from the RabbitMQ cluster.
    To remove a permanently lost member, run: attrd_updater -n RESOURCE-forget -U NODE. The monitor
    checks the AMQP listener and starts no Erlang VM. A monitor with OCF_CHECK_LEVEL=10 compares which
    peers the brokers see; in a partition, the minority restarts. Configure the resource as an unordered
    clone, so that all nodes boot in parallel.
    """

    name = "rabbitmq"
    summary = "RabbitMQ cluster that keeps its data"
    actions = (
        Action("start", timeout=180),
        Action("stop", timeout=120),
        Action("monitor", timeout=30, interval=10),
        Action("monitor", timeout=60, interval=60, depth=10),
    )

    # Reports of the nodes.

    encode = staticmethod(decide.encode)
    decode = staticmethod(decide.decode)

    def report(self, phase: str) -> Report:
        store = self.store()
        return Report(phase, store.has_data, self.broker_name, tuple(store.last()))

    def decide(self, reports: Mapping[str, Report]) -> Boot | Form | Join | Wait:
        members = self.member_nodes()
        if self.operation.node not in members:
            raise Failure(
                f"node {self.operation.node} is not in the parameter 'members' ({' '.join(members)})"
            )
        return decide.next_step(self.operation.node, members, self.ready(members), reports)

    def active(self) -> dict[str, Report]:
        """Return the reports of the nodes whose broker runs or starts."""
        return {node: report for node, report in self.reports().items() if report.phase != STOPPED}

    def member_nodes(self) -> list[str]:
        """Return the nodes that can be members."""
        nodes = self.cluster.nodes()
        members = self.members.split() or [name for name in sorted(nodes) if nodes[name].full]
        return members or [self.operation.node]

    # Monitoring.

    def state(self) -> int:
        if not self.process():
            return self.not_a_member()
        try:
            self.broker().greet(self.deadline.within(GREETING_TIMEOUT))
        except Refused:
            waiting = files.read(self.state_file("waiting"))
            if waiting is None:
                raise
            return self.degraded(f"waiting for {waiting}, which stopped after this node")
        return codes.RUNNING

    def monitor(self) -> int:
        if self.operation.is_probe:
            return self.probe()
        try:
            state = self.state()
        except TimedOut as slow:
            if not self.tolerate("slow", slow, self.tolerated_timeouts):
                raise
            return self.degraded(slow.reason)
        self.tolerate("slow", None, 0)
        missing_policy = self.set_missing_policy() if state == codes.RUNNING else ""
        if state == codes.RUNNING:
            self.clear_waiting()
        elif state == codes.DEGRADED and not self.process():
            self.restart_when_ready()
        elif state == codes.DEGRADED:
            self.check_boot_timeout()
        if state in codes.UP:
            self.forget_lost_members()
        if missing_policy:
            return self.degraded(missing_policy)
        if state == codes.RUNNING and self.operation.depth >= 10:
            return self.compare_views()
        return self.if_persistent(state, DEGRADED_AFTER if self.process() else 0)

    def clear_waiting(self) -> None:
        """Clear the waiting state of a broker that now serves, and publish the report."""
        if files.read(self.state_file("waiting")) is not None:
            files.remove(self.state_file("waiting"))
            files.remove(self.state_file("since"))
            self.publish_report(RUNNING)

    def check_boot_timeout(self) -> None:
        """Raise Failure if a broker has been waiting for others for longer than the boot timeout."""
        import time

        since = files.read(self.state_file("since"))
        if since is None:
            self.write_state("since", str(time.monotonic()))
        elif time.monotonic() - float(since) > self.boot_timeout:
            raise Failure(
                f"timed out {self.degraded_reason}; start the resource there, or remove a node that is lost "
                f"permanently: attrd_updater -n {self.attribute('forget')} -U NODE"
            )

    def forget_lost_members(self) -> None:
        """Remove a member on the operator's request, or after it was away for `forget_after`.

        Only one node does this: the first that can.
        """
        requests = self.cluster.attributes(self.attribute("forget"))
        requested = min(requests.values(), default="")
        if not requested and not self.forget_after:
            return
        reports, active = self.reports(), self.active()
        running = sorted(node for node, report in active.items() if report.phase == RUNNING)
        if (running or sorted(active))[:1] != [self.operation.node]:
            return
        if requested and requested not in active:
            name = requested if "@" in requested else f"rabbit@{requested.partition('.')[0]}"
            self.forget(name, online=bool(running))
            for node in requests:
                self.cluster.withdraw(self.attribute("forget"), node=node)
        elif running and self.forget_after:
            reported = {report.name for report in reports.values()}
            for name in self.away_for_long([name for name in self.store().members() if name not in reported]):
                self.forget(name, online=True)

    def away_for_long(self, absent: list[str]) -> list[str]:
        """Return those of `absent` that have been away for longer than `forget_after`."""
        import time

        now = time.monotonic()
        lines = [line.split() for line in (files.read(self.state_file("away")) or "").splitlines()]
        since = {name: float(when) for name, when in lines if name in absent}
        away = {name: since.get(name, now) for name in absent}
        self.write_state("away", "".join(f"{name} {when}\n" for name, when in away.items()))
        return [name for name, when in away.items() if now - when > self.forget_after]

    def forget(self, name: str, *, online: bool) -> None:
        """Remove the broker `name` from the cluster.

        If all brokers wait for it (not `online`), boot without it.
        """
        if online:
            self.broker().run_tool("forget_cluster_node", name)
        else:
            self.daemon().stop(self.deadline.part(0.3))
            self.broker().run_tool("forget_cluster_node", "--offline", name)
            self.boot()
        self.logger.warning(f"removed {name} from the cluster")

    def compare_views(self) -> int:
        """Publish the brokers that this node does not see; return the state that all views imply."""
        before = self.reports()
        try:
            seen, alarms = self.broker().peers_and_alarms()
        except Failure as silence:
            # The broker serves clients, as its listener shows.
            if self.tolerate("silence", silence, TOLERATED_QUERY_FAILURES):
                return codes.RUNNING
            return self.degraded(f"cannot query the broker for its peers: {silence.reason}")
        self.tolerate("silence", None, 0)
        after = self.reports()
        if self.operation.node not in after:
            self.publish_report(RUNNING)
        own = decide.missed(seen, before, after)
        self.cluster.publish_private(self.attribute("misses"), ",".join(own) or "none")
        texts = self.cluster.attributes(self.attribute("misses"))
        misses = {node: text.split(",") for node, text in texts.items()} | {self.operation.node: own}
        names = {node: report.name for node, report in after.items() if report.phase == RUNNING}
        losers = decide.partitioned(misses, names)
        if self.operation.node in losers:
            # The views of the other nodes are as old as their last monitor, so a difference must be seen
            # twice.
            failure = Failure(
                f"partition: this node sees {', '.join(seen)} and is not in the largest group of "
                "nodes that see each other"
            )
            if not self.tolerate("partition", failure, 1):
                raise failure
            return self.degraded(failure.reason)
        self.tolerate("partition", None, 0)
        if losers:
            return self.degraded(f"partition: {', '.join(losers)} must restart")
        if alarms:
            return self.degraded("publishers are blocked by a memory or disk alarm")
        return codes.RUNNING

    # Actions.

    def validate(self) -> None:
        if self.set_policy:
            try:
                decide.policy_arguments(self.set_policy)
            except ValueError as error:
                raise Failure(f"parameter 'set_policy': {error}", CONFIGURED) from None
        for path in (self.mnesia_base, self.log_base):
            if not files.is_directory(path):
                raise Failure(f"directory {path} does not exist", INSTALLED)
        if not files.is_file(f"{self.home}/.erlang.cookie"):
            raise Failure(
                f"{self.home}/.erlang.cookie does not exist; all nodes need the same cookie", INSTALLED
            )

    def start(self) -> None:
        for kind in ("waiting", "since", "slow", "silence", "partition"):
            files.remove(self.state_file(kind))
        self.stop_waiting_for_peers()
        self.cluster.withdraw(self.attribute("misses"))
        self.daemon().stop(self.deadline.part(0.3), grace=HUNG_TIMEOUT)
        step = self.next_step()
        self.logger.info(f"{type(step).__name__.lower()}: {step.reason}")
        if isinstance(step, Boot):
            self.boot()
        elif isinstance(step, Form):
            self.form_cluster()
        elif isinstance(step, Join):
            self.join_any(step.peer)
        else:
            self.wait_for_peers(step.reason)

    def boot(self) -> None:
        """Start the broker with its data. Return when it serves, or when it waits for other brokers.

        A broker that hangs while it boots is restarted once: it has changed nothing, and it would not
        recover.
        """
        own, settled = self.publish_report(STARTING), self.deadline.within(WAIT_FOR_PEERS)

        def serves_or_waits() -> bool:
            if self.serves():
                return True
            missing = decide.awaited(own, self.reports())
            if missing and not settled.left:
                # The nodes that it waits for may be started only after this start has ended.
                self.write_state("waiting", ", ".join(missing))
                return True
            return False

        if self.launch_and_detect_hang(serves_or_waits):
            self.logger.warning(
                f"restarting the broker, which was idle for {BOOT_IDLE_TIMEOUT:.0f} s while booting"
            )
            self.daemon().stop(self.deadline.part(0.3), grace=0)
            self.broker().launch(self.daemon(), self.output, niceness=self.niceness)
            self.deadline.wait("the broker to serve", serves_or_waits, every=0.25)
        if files.read(self.state_file("waiting")) is None:
            self.publish_report(RUNNING)

    def launch_and_detect_hang(self, booted: Callable[[], bool]) -> bool:
        """Start the broker, and return whether it becomes idle before it has booted."""
        self.broker().launch(self.daemon(), self.output, niceness=self.niceness)
        process = self.process()
        idle = IdleTimer(process, self.deadline.now) if process else None

        def hangs() -> bool:
            return idle is not None and idle.seconds(self.deadline.now) > BOOT_IDLE_TIMEOUT

        self.deadline.wait("the broker to serve", lambda: booted() or hangs(), every=0.25)
        return not booted()

    def serves(self) -> bool:
        """Return whether the AMQP listener responds. Raises Failure if the broker has exited."""
        if not self.daemon().find():
            raise Failure(f"the broker exited during startup: {self.last_output_line()}")
        try:
            self.broker().greet(self.deadline.within(GREETING_TIMEOUT))
        except Failure:
            return False
        return True

    def form_cluster(self) -> None:
        """Start a broker without data as the first member of a new cluster."""
        if self.set_policy:
            files.write(self.store().no_policy, "", mode=0o640, owner=files.account(self.user))
        self.boot()
        self.set_missing_policy()

    def set_missing_policy(self) -> str:
        """Set the policy of a cluster that this node formed; return why it cannot be set yet, or ""."""
        if not (self.set_policy and files.is_file(self.store().no_policy)):
            return ""
        try:
            self.broker().run_tool("set_policy", *decide.policy_arguments(self.set_policy))
        except Failure as failure:
            self.logger.warning(failure.reason)
            return f"the policy is not set: {failure.reason}"
        files.remove(self.store().no_policy)
        return ""

    def join_any(self, chosen: str) -> None:
        """Join the cluster of `chosen`, or of another running broker. Wait for the peers if none responds.

        A peer may fail while this node joins; a failed start would keep the resource off this node.
        """
        running = [report.name for report in self.active().values() if report.phase == RUNNING]
        reason = f"{chosen} does not respond"
        for peer in dict.fromkeys([chosen, *sorted(running)]):
            try:
                return self.join(peer)
            except Failure as failure:
                if self.broker().ctl("ping", tool="rabbitmq-diagnostics", node=peer).status == 0:
                    raise
                reason = failure.reason
                self.logger.warning(f"cannot join {peer}: {reason}")
                self.daemon().stop(self.deadline.part(0.3), grace=HUNG_TIMEOUT)
        return self.wait_for_peers(reason)

    def join(self, peer: str) -> None:
        """Start a broker without data as a member of the cluster of `peer`."""
        broker, store = self.broker(), self.store()
        owner = files.account(self.user)
        files.write(store.unjoined, f"{peer}\n", mode=0o640, owner=owner)
        self.forget_stale_member(peer)
        output = broker.run_tool("--silent", "list_feature_flags", "name", "state", node=peer)
        enabled = [line.split()[0] for line in output.splitlines() if line.split()[1:] == ["enabled"]]
        flags = ",".join(enabled)
        broker.launch(self.daemon(), self.output, niceness=self.niceness, peer=peer, flags=flags)
        self.deadline.wait("the broker to serve", self.serves, every=0.25)
        if peer not in store.members():
            # The peer was busy, so the broker booted alone. It is empty, so joining now loses nothing.
            for arguments in (("stop_app",), ("join_cluster", peer), ("start_app",)):
                broker.run_tool(*arguments)
            self.deadline.wait("the broker to serve", self.serves, every=0.25)
        if peer not in store.members():
            raise Failure(f"the broker runs, but did not join the cluster of {peer}")
        files.remove(store.unjoined)
        grown = broker.ctl("grow", self.broker_name, "all", tool="rabbitmq-queues")
        if grown.status:
            self.logger.warning(f"cannot add replicas of quorum queues on this node yet: {grown.error_line}")
        self.publish_report(RUNNING)

    def forget_stale_member(self, peer: str) -> None:
        """Make the cluster forget a member with the name of this node: its data is lost."""
        broker = self.broker()
        result = broker.ctl("forget_cluster_node", self.broker_name, node=peer)
        if result.status == 0:
            self.logger.warning(
                f"{self.broker_name} was a member but lost its data; it rejoins as a new member"
            )

    @property
    def output(self) -> str:
        """The file with the terminal output of the broker."""
        return self.state_file("output")

    def last_output_line(self) -> str:
        """Return the last line of that output."""
        lines = [line for line in files.tail(self.output).splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"no output; see {self.log_base}"

    def stop(self) -> None:
        for kind in ("waiting", "since"):
            files.remove(self.state_file(kind))
        process = self.process()
        helpers = process.tree()[1:] if process else []
        how = self.daemon().stop(self.deadline, grace=None if self.responds() else HUNG_TIMEOUT)
        for helper in helpers:
            helper.signal(9)
        self.stop_waiting_for_peers()
        self.try_publish_report(STOPPED)
        self.logger.info(f"broker: {how}")

    def responds(self) -> bool:
        """Return whether the broker responds, so that it can shut down cleanly."""
        try:
            self.broker().greet(self.deadline.within(GREETING_TIMEOUT))
        except TimedOut:
            return False
        except Failure:
            return True
        return True


AGENT = RabbitMQ
