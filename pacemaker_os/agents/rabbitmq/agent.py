"""The actions of the rabbitmq agent."""

from __future__ import annotations

from pacemaker_os.agents.rabbitmq import decide
from pacemaker_os.agents.rabbitmq.decide import Report
from pacemaker_os.agents.rabbitmq.settings import RabbitMQSettings
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import INSTALLED, Failure, TimedOut
from pacemaker_os.ocf.process import IdleTimer
from pacemaker_os.ocf.steps import RUNNING, STARTING, STOPPED, Boot, Create, Join, Wait
from pacemaker_os.ocf.stream import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Seconds that the AMQP listener may take to answer.
GREETING = 5.0

#: Seconds after which a broker that does not listen, while others are awaited, is known to wait for them.
SETTLED = 5.0

#: Seconds for which a broker that awaits nobody may do nothing while it boots. Erlang 25's `global` was seen
#: to stop for good in the middle of agreeing with its peers, when they were slow to resolve names.
STUCK = 45.0

#: Seconds that a broker waits for others before Pacemaker shows it as degraded.
SHOWN = 30.0

#: How often in a row a broker need not say whom it sees.
UNHEARD = 2

#: Seconds until a broker that does not answer is killed.
HUNG = 5.0


class RabbitMQ(RabbitMQSettings):
    """RabbitMQ as a cluster that keeps its data. A node with data boots with it and waits for those that
    ran longer; a node without joins; only when no node has any is a cluster created. Nothing is ever
    deleted to get started: queues, messages, users, policies and parameters outlive a full power loss.
    A stop is no farewell. A member lost for good is forgotten at the operator's word: attrd_updater -n
    RESOURCE-forget -U NODE. The monitor asks the AMQP listener and starts no Erlang VM; a monitor
    with OCF_CHECK_LEVEL=10 compares what the nodes see of each other, and the minority of a partition
    restarts. Use it as a clone, unordered, so that all nodes boot side by side.
    """

    name = "rabbitmq"
    summary = "RabbitMQ: a cluster that keeps its data"
    actions = (
        Action("start", timeout=180),
        Action("stop", timeout=120),
        Action("monitor", timeout=30, interval=10),
        Action("monitor", timeout=60, interval=60, depth=10),
    )

    # What the nodes tell each other.

    encode = staticmethod(decide.encode)
    decode = staticmethod(decide.decode)

    def report(self, phase: str) -> Report:
        store = self.store()
        return Report(phase, store.has_data, self.broker_name, tuple(store.last()))

    def decide(self, reports: Mapping[str, Report]) -> Boot | Create | Join | Wait:
        members = self.everyone()
        if self.operation.node not in members:
            raise Failure(f"node {self.operation.node} is not among the members ({' '.join(members)})")
        return decide.next_step(self.operation.node, members, self.ready(members), reports)

    def active(self) -> dict[str, Report]:
        """What those nodes tell on which a broker runs, or is on its way."""
        return {node: report for node, report in self.reports().items() if report.phase != STOPPED}

    def everyone(self) -> list[str]:
        """The nodes that can be members."""
        nodes = self.cluster.nodes()
        members = self.members.split() or [name for name in sorted(nodes) if nodes[name].full]
        return members or [self.operation.node]

    # Looking.

    def state(self) -> int:
        if not self.process():
            return self.not_a_member()
        try:
            self.broker().greet(self.deadline.within(GREETING))
        except Refused:
            waiting = files.read(self.state_file("waiting"))
            if waiting is None:
                raise
            return self.degraded(f"it waits for {waiting}, which ran longer than this node")
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
        if state == codes.RUNNING:
            self.arrived()
        elif state == codes.DEGRADED and not self.process():
            self.restart_when_ready()
        elif state == codes.DEGRADED:
            self.check_boot_timeout()
        if state in codes.UP:
            self.forget_lost_members()
        if state == codes.RUNNING and self.operation.depth >= 10:
            return self.compare_views()
        return self.if_persistent(state, SHOWN if self.process() else 0)

    def arrived(self) -> None:
        """Note that a broker that waited serves now."""
        if files.read(self.state_file("waiting")) is not None:
            files.remove(self.state_file("waiting"))
            files.remove(self.state_file("since"))
            self.publish_report(RUNNING)

    def check_boot_timeout(self) -> None:
        """Raise Failure when a broker has waited for others for too long."""
        import time

        since = files.read(self.state_file("since"))
        if since is None:
            files.write(self.state_file("since"), str(time.monotonic()))
        elif time.monotonic() - float(since) > self.boot_timeout:
            raise Failure(f"{self.degraded_reason}; bring it back, or say {self.attribute('forget')}=NODE")

    def forget_lost_members(self) -> None:
        """Forget a member at the operator's word, or when it was away for the stated time.

        One node does it, the first that can.
        """
        words = self.cluster.attributes(self.attribute("forget"))
        said = min(words.values(), default="")
        if not said and not self.forget_after:
            return
        reports, active = self.reports(), self.active()
        running = sorted(node for node, report in active.items() if report.phase == RUNNING)
        if (running or sorted(active))[:1] != [self.operation.node]:
            return
        if said and said not in active:
            self.forget(said if "@" in said else f"rabbit@{said.partition('.')[0]}", online=bool(running))
            for node in words:
                self.cluster.withdraw(self.attribute("forget"), node=node)
        elif running and self.forget_after:
            here = {report.name for report in reports.values()}
            for name in self.away_for_long([name for name in self.store().members() if name not in here]):
                self.forget(name, online=True)

    def away_for_long(self, absent: list[str]) -> list[str]:
        """Those of `absent` that have been away for longer than the stated time."""
        import time

        now = time.monotonic()
        lines = [line.split() for line in (files.read(self.state_file("away")) or "").splitlines()]
        since = {name: float(when) for name, when in lines if name in absent}
        away = {name: since.get(name, now) for name in absent}
        files.write(self.state_file("away"), "".join(f"{name} {when}\n" for name, when in away.items()))
        return [name for name, when in away.items() if now - when > self.forget_after]

    def forget(self, name: str, *, online: bool) -> None:
        """Forget the broker `name`; while nobody serves, as all wait for it, go on without it."""
        if online:
            self.broker().must("forget_cluster_node", name)
        else:
            self.daemon().stop(self.deadline.part(0.3))
            self.broker().must("forget_cluster_node", "--offline", name)
            self.boot()
        self.logger.warning(f"{name} is forgotten")

    def compare_views(self) -> int:
        """Tell which brokers this node misses, and judge with what all miss whether it must restart."""
        before = self.reports()
        try:
            seen, alarms = self.broker().look_around()
        except Failure as silence:
            # It serves all the same, as its listener says.
            if self.tolerate("silence", silence, UNHEARD):
                return codes.RUNNING
            return self.degraded(f"it does not say whom it sees: {silence.reason}")
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
            # What others miss is as old as their last look; a difference counts when it is seen twice.
            failure = Failure(
                f"partition: this node sees {', '.join(seen)}, and the majority does not see it"
            )
            if not self.tolerate("partition", failure, 1):
                raise failure
            return self.degraded(failure.reason)
        self.tolerate("partition", None, 0)
        if losers:
            return self.degraded(f"partition: {', '.join(losers)} must restart")
        if alarms:
            return self.degraded("an alarm of memory or disk blocks publishers")
        return codes.RUNNING

    # Acting.

    def validate(self) -> None:
        for path in (self.mnesia_base, self.log_base):
            if not files.is_directory(path):
                raise Failure(f"folder {path} is not there", INSTALLED)
        if not files.is_file(f"{self.home}/.erlang.cookie"):
            raise Failure(f"{self.home}/.erlang.cookie is not there; all nodes need the same one", INSTALLED)

    def start(self) -> None:
        for kind in ("waiting", "since", "slow", "silence", "partition"):
            files.remove(self.state_file(kind))
        self.stop_waiting_for_peers()
        self.cluster.withdraw(self.attribute("misses"))
        self.daemon().stop(self.deadline.part(0.3), grace=HUNG)
        step = self.next_step()
        self.logger.info(f"{type(step).__name__.lower()}: {step.reason}")
        if isinstance(step, Boot):
            self.boot()
        elif isinstance(step, Create):
            self.create()
        elif isinstance(step, Join):
            self.join(step.peer)
        else:
            self.wait_for_peers(step.reason)

    def boot(self) -> None:
        """Start the broker with the data it has; return when it serves, or when it waits for others.

        One that is stuck is started once more: it has changed nothing, and what it waits for will not come.
        """
        own, settled = self.publish_report(STARTING), self.deadline.within(SETTLED)

        def serves_or_waits() -> bool:
            if self.serves():
                return True
            missing = decide.awaited(own, self.reports())
            if missing and not settled.left:
                # Who is awaited may be started only when this start has ended.
                files.write(self.state_file("waiting"), ", ".join(missing))
                return True
            return False

        if self.gets_stuck(serves_or_waits):
            self.logger.warning(f"the broker did nothing for {STUCK:.0f} s; it is started once more")
            self.daemon().stop(self.deadline.part(0.3), grace=0)
            self.broker().launch(self.daemon(), self.output, niceness=self.niceness)
            self.deadline.wait("the broker to serve", serves_or_waits, every=0.25)
        if files.read(self.state_file("waiting")) is None:
            self.publish_report(RUNNING)

    def gets_stuck(self, booted: Callable[[], bool]) -> bool:
        """Start the broker, and tell whether it stops doing anything before it has booted."""
        self.broker().launch(self.daemon(), self.output, niceness=self.niceness)
        process = self.process()
        rest = IdleTimer(process, self.deadline.now) if process else None

        def stuck() -> bool:
            return rest is not None and rest.seconds(self.deadline.now) > STUCK

        self.deadline.wait("the broker to serve", lambda: booted() or stuck(), every=0.25)
        return not booted()

    def serves(self) -> bool:
        """Whether the AMQP listener answers. Raises Failure when the broker ended instead."""
        if not self.daemon().find():
            raise Failure(f"the broker ended while it started: {self.last_words()}")
        try:
            self.broker().greet(self.deadline.within(GREETING))
        except Failure:
            return False
        return True

    def create(self) -> None:
        """Start a broker that has nothing, as the first of a new cluster."""
        self.boot()
        if self.set_policy:
            from shlex import split

            self.broker().must("set_policy", *split(self.set_policy))

    def join(self, peer: str) -> None:
        """Start a broker that has nothing, as a member of the cluster that `peer` is in."""
        broker, store = self.broker(), self.store()
        owner = files.account(self.user)
        files.write(store.unjoined, f"{peer}\n", mode=0o640, owner=owner)
        self.forget_stale_member(peer)
        said = broker.must("--silent", "list_feature_flags", "name", "state", node=peer)
        enabled = [line.split()[0] for line in said.splitlines() if line.split()[1:] == ["enabled"]]
        flags = ",".join(enabled)
        broker.launch(self.daemon(), self.output, niceness=self.niceness, peer=peer, flags=flags)
        self.deadline.wait("the broker to serve", self.serves, every=0.25)
        if peer not in store.members():
            # It found the peer busy and booted alone; it is empty, so joining loses nothing.
            for words in (("stop_app",), ("join_cluster", peer), ("start_app",)):
                broker.must(*words)
            self.deadline.wait("the broker to serve", self.serves, every=0.25)
        if peer not in store.members():
            raise Failure(f"the broker runs, but did not become a member with {peer}")
        files.remove(store.unjoined)
        grown = broker.ctl("grow", self.broker_name, "all", tool="rabbitmq-queues")
        if grown.status:
            self.logger.warning(f"quorum queues have no replica here yet: {grown.error_line}")
        self.publish_report(RUNNING)

    def forget_stale_member(self, peer: str) -> None:
        """Have the others forget a member of this name: its disk is empty, so that member is no more."""
        broker = self.broker()
        result = broker.ctl("forget_cluster_node", self.broker_name, node=peer)
        if result.status == 0:
            self.logger.warning(f"{self.broker_name} was a member before and lost its disk; it joins anew")

    @property
    def output(self) -> str:
        """What the broker wrote to its terminal."""
        return self.state_file("output")

    def last_words(self) -> str:
        """The last line that it wrote."""
        lines = [line for line in files.tail(self.output).splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"it said nothing; see {self.log_base}"

    def stop(self) -> None:
        for kind in ("waiting", "since"):
            files.remove(self.state_file(kind))
        process = self.process()
        helpers = process.tree()[1:] if process else []
        how = self.daemon().stop(self.deadline, grace=None if self.answers() else HUNG)
        for helper in helpers:
            helper.signal(9)
        self.stop_waiting_for_peers()
        self.try_publish_report(STOPPED)
        self.logger.info(f"the broker: {how}")

    def answers(self) -> bool:
        """Whether the broker is in a state to stop in good order."""
        try:
            self.broker().greet(self.deadline.within(GREETING))
        except TimedOut:
            return False
        except Failure:
            return True
        return True


AGENT = RabbitMQ
