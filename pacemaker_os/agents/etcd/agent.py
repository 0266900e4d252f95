"""The actions of the etcd agent."""

from __future__ import annotations

from pacemaker_os.agents.etcd import decide
from pacemaker_os.agents.etcd.decide import Report
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.member import Member
from pacemaker_os.ocf.network.http import get
from pacemaker_os.ocf.parameter import Account, Path, Port, Program, String
from pacemaker_os.ocf.steps import RUNNING, STOPPED, Boot, Form, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Timeout of an HTTP request, in seconds.
HTTP_TIMEOUT = 3.0

#: Number of consecutive monitor timeouts that are tolerated before a member is considered failed.
TOLERATED_TIMEOUTS = 3

#: Time, in seconds, that a member waits for a majority before a monitor reports it as degraded.
DEGRADED_AFTER = 30.0

#: Time, in seconds, after which a start no longer waits for a leader if a majority is not being started.
WAIT_FOR_PEERS = 5.0


class Etcd(Member):
    """Manages an etcd cluster that keeps its data. A member with data boots with it. A member without data
    replaces the member with its name. A new cluster is formed only if no node has data. Configure the
    resource as an unordered clone, so that a majority can start together.
    """

    name = "etcd"
    summary = "etcd cluster that keeps its data"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=60),
        Action("monitor", timeout=30, interval=10),
    )

    # A running member learns about others when they join, so the parameter matters only at a start.
    addresses = String(
        "All members, as NODE:HOST pairs separated by spaces: node1:10.0.0.1 node2:10.0.0.2 node3:10.0.0.3.",
        required=True,
        reloadable=True,
    )
    binary = Program("Server program.", default="etcd")
    client = Program("Client program.", default="etcdctl")
    user = Account("User that the server runs as.", default="etcd")
    datadir = Path("Data directory.", default="/var/lib/etcd/default", unique_group="datadir")
    client_port = Port("Port for clients.", default="2379", unique_group="port")
    peer_port = Port("Port for other members.", default="2380", unique_group="peer-port")
    token = String(
        "Name of the cluster, which prevents members of different clusters from joining each other.",
        default="pacemaker-os",
    )

    def daemon(self) -> Daemon:
        """Return the server process."""
        return Daemon(self.state_file("daemon"), programs=("etcd",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def hosts(self) -> dict[str, str]:
        """Return host and peer port of every member, by node."""
        found = {}
        for pair in self.addresses.split():
            node, _, host = pair.partition(":")
            found[node] = host if ":" in host else f"{host}:{self.peer_port}"
        return found

    def own_host(self) -> str:
        """Return host and peer port of this node's member."""
        return self.hosts().get(self.operation.node, f"127.0.0.1:{self.peer_port}")

    def endpoint(self, host: str = "127.0.0.1") -> str:
        """Return the client URL of a member."""
        return f"http://{host}:{self.client_port}"

    encode = staticmethod(decide.encode)
    decode = staticmethod(decide.decode)

    def report(self, phase: str) -> Report:
        return Report(phase, files.is_directory(f"{self.datadir}/member"))

    def decide(self, reports: Mapping[str, Report]) -> Boot | Form | Join | Wait:
        members = list(self.hosts())
        return decide.next_step(self.operation.node, members, self.ready(members), reports)

    def healthy(self) -> bool:
        """Return whether the member has a leader and serves. Raises TimedOut if it hangs."""
        try:
            return get(f"{self.endpoint()}/health", self.deadline.within(HTTP_TIMEOUT)).status == 200
        except TimedOut:
            # Without a leader etcd does not respond. That is not a failure until a majority is being started.
            if decide.majority_coming(list(self.hosts()), self.reports()):
                raise
            return False
        except Failure:
            return False

    def serves(self) -> bool:
        """Return whether the member has a leader; one that has just started has none."""
        try:
            return self.healthy()
        except TimedOut:
            return False

    def state(self) -> int:
        if not self.daemon().find():
            return self.not_a_member()
        if not self.healthy():
            return self.degraded("no leader: waiting for a majority")
        return codes.RUNNING

    def monitor(self) -> int:
        if self.operation.is_probe:
            return self.probe()
        try:
            state = self.state()
        except TimedOut as slow:
            if not self.tolerate("slow", slow, TOLERATED_TIMEOUTS):
                raise
            return self.degraded(slow.reason)
        self.tolerate("slow", None, 0)
        if state == codes.RUNNING:
            self.publish_report(RUNNING)
        elif state == codes.DEGRADED and not self.daemon().find():
            self.restart_when_ready()
            return state
        return self.if_persistent(state, DEGRADED_AFTER)

    def validate(self) -> None:
        hosts = self.hosts()
        if self.operation.called_by_pacemaker and self.operation.node not in hosts:
            raise Failure(
                f"node {self.operation.node} is not in the parameter 'addresses' ({' '.join(hosts)})"
            )

    def start(self) -> None:
        self.stop_waiting_for_peers()
        self.daemon().stop(self.deadline.part(0.3))
        owner = files.account(self.user)
        files.make_directory(self.datadir, mode=0o700, owner=owner)
        step = self.next_step()
        self.logger.info(f"{type(step).__name__.lower()}: {step.reason}")
        if isinstance(step, Wait):
            self.wait_for_peers(step.reason)
        elif isinstance(step, Join):
            self.launch("existing", self.join_cluster(step.peer))
            self.await_leader()
        else:
            self.launch("new", [f"{node}=http://{host}" for node, host in self.hosts().items()])
            self.await_leader()

    def launch(self, phase: str, cluster: Sequence[str]) -> None:
        """Start the server. `phase` and `cluster` matter only if it has no data yet."""
        host = self.own_host()
        address = host.rpartition(":")[0]
        argv = [
            self.binary,
            f"--name={self.operation.node}",
            f"--data-dir={self.datadir}",
            f"--listen-client-urls={self.endpoint()},{self.endpoint(address)}"
            if address != "127.0.0.1"
            else f"--listen-client-urls={self.endpoint()}",
            f"--advertise-client-urls={self.endpoint(address)}",
            f"--listen-peer-urls=http://{host}",
            f"--initial-advertise-peer-urls=http://{host}",
            f"--initial-cluster={','.join(cluster)}",
            f"--initial-cluster-state={phase}",
            f"--initial-cluster-token={self.token}",
        ]
        files.remove(self.state_file("output"))
        self.daemon().launch(
            argv, user=self.user, log=self.state_file("output"), directory=self.datadir, open_files=65536
        )

    def join_cluster(self, peer: str) -> list[str]:
        """Join the cluster of `peer` in the place of a lost member of this name; return the member list."""
        members: list[str] = []

        def accepted() -> bool:
            nonlocal members
            try:
                members = self.replace_member(self.hosts()[peer].rpartition(":")[0])
            except Failure as not_yet:
                # After a node failure etcd rejects membership changes for some time: "unhealthy cluster".
                self.logger.info(not_yet.reason)
                self.degraded_reason = not_yet.reason
            return members != []

        if not self.deadline.part(0.6).try_wait(accepted, every=1.0):
            raise TimedOut(f"the other members do not accept this one: {self.degraded_reason}")
        return members

    def replace_member(self, host: str) -> list[str]:
        """Remove the member with this node's name, if any, and add it again; return the member list."""
        own = self.operation.node
        address = f"http://{self.hosts()[own]}"
        for line in self.etcdctl(host, "member", "list").splitlines():
            # ID, status, name, peer addresses, client addresses
            fields = [field.strip() for field in line.split(",")]
            if len(fields) > 3 and (fields[2] == own or address in fields[3]):
                self.logger.warning(f"member {own} lost its data; it joins as a new member")
                self.etcdctl(host, "member", "remove", fields[0])
        for line in self.etcdctl(host, "member", "add", own, f"--peer-urls={address}").splitlines():
            if line.startswith("ETCD_INITIAL_CLUSTER="):
                return line.partition("=")[2].strip('"').split(",")
        raise Failure("etcdctl member add did not print the initial cluster")

    def etcdctl(self, host: str, *arguments: str) -> str:
        """Run the client with the member on `host`."""
        argv = [self.client, f"--endpoints={self.endpoint(host)}", "--command-timeout=5s", *arguments]
        result = self.run_command(argv, environ={"ETCDCTL_API": "3"})
        if result.status:
            raise Failure(f"etcdctl {arguments[1]} failed: {result.error_line}")
        return result.stdout

    def await_leader(self) -> None:
        """Return when the member serves, or when it waits for nodes that are not being started yet."""
        settled = self.deadline.within(WAIT_FOR_PEERS)

        def serves_or_waits() -> bool:
            if not self.daemon().find():
                lines = files.tail(self.state_file("output")).strip().splitlines()
                raise Failure(f"etcd exited during startup: {lines[-1] if lines else 'no output'}")
            if self.serves():
                self.publish_report(RUNNING)
                return True
            return not settled.left and not decide.majority_coming(list(self.hosts()), self.reports())

        self.deadline.wait("etcd to have a leader", serves_or_waits, every=0.25)

    def stop(self) -> None:
        self.daemon().stop(self.deadline)
        self.stop_waiting_for_peers()
        self.try_publish_report(STOPPED)


AGENT = Etcd
