"""The actions of the etcd agent."""

from __future__ import annotations

from pacemaker_os.agents.etcd import decide
from pacemaker_os.agents.etcd.decide import Report
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.http import get
from pacemaker_os.ocf.member import Member
from pacemaker_os.ocf.parameter import Account, Path, Port, Program, String
from pacemaker_os.ocf.steps import RUNNING, STOPPED, Boot, Create, Join, Wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Seconds that a page may take.
PAGE = 3.0

#: Monitors in a row that may get no answer before a member counts as failed.
SLOW = 3

#: Seconds that a member waits for a majority before Pacemaker shows it as degraded.
SHOWN = 30.0

#: Seconds after which a member without a leader is known to wait for nodes that nobody starts.
SETTLED = 5.0


class Etcd(Member):
    """etcd as a cluster that keeps its data. A member with data boots with it; one whose disk is empty
    takes the place of the member of its name; only when no node has data is a cluster created. Use it
    as a clone, unordered, so that a majority comes together.
    """

    name = "etcd"
    summary = "etcd: a cluster that keeps its data"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=60),
        Action("monitor", timeout=30, interval=10),
    )

    # A member that runs is told of others by those that join: this matters when one starts.
    addresses = String(
        "All members, as NODE:HOST pairs with blanks: node1:10.0.0.1 node2:10.0.0.2 node3:10.0.0.3.",
        required=True,
        reloadable=True,
    )
    binary = Program("The server's program.", default="etcd")
    client = Program("The client's program.", default="etcdctl")
    user = Account("The user that the server runs as.", default="etcd")
    datadir = Path("The folder of the data.", default="/var/lib/etcd/default", unique_group="datadir")
    client_port = Port("The port for clients.", default="2379", unique_group="port")
    peer_port = Port("The port for other members.", default="2380", unique_group="peer-port")
    token = String("The cluster's name, so that two clusters never mix.", default="pacemaker-os")

    def daemon(self) -> Daemon:
        """The server's process."""
        return Daemon(self.state_file("daemon"), programs=("etcd",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def hosts(self) -> dict[str, str]:
        """Node -> host and peer port, of every member."""
        found = {}
        for pair in self.addresses.split():
            node, _, host = pair.partition(":")
            found[node] = host if ":" in host else f"{host}:{self.peer_port}"
        return found

    def own_host(self) -> str:
        """Host and peer port of this node's member."""
        return self.hosts().get(self.operation.node, f"127.0.0.1:{self.peer_port}")

    def endpoint(self, host: str = "127.0.0.1") -> str:
        """The address for clients of a member."""
        return f"http://{host}:{self.client_port}"

    encode = staticmethod(decide.encode)
    decode = staticmethod(decide.decode)

    def report(self, phase: str) -> Report:
        return Report(phase, files.is_directory(f"{self.datadir}/member"))

    def decide(self, reports: Mapping[str, Report]) -> Boot | Create | Join | Wait:
        members = list(self.hosts())
        return decide.next_step(self.operation.node, members, self.ready(members), reports)

    def healthy(self) -> bool:
        """Whether the member has a leader and serves. Raises TimedOut when it hangs."""
        try:
            return get(f"{self.endpoint()}/health", self.deadline.within(PAGE)).status == 200
        except TimedOut:
            # Without a leader etcd answers nobody. While a majority is not even coming, that is no fault.
            if decide.majority_coming(list(self.hosts()), self.reports()):
                raise
            return False
        except Failure:
            return False

    def serves(self) -> bool:
        """Whether it has a leader; a member that only begins to answer has none."""
        try:
            return self.healthy()
        except TimedOut:
            return False

    def state(self) -> int:
        if not self.daemon().find():
            return self.not_a_member()
        if not self.healthy():
            return self.degraded("it has no leader; it waits for a majority")
        return codes.RUNNING

    def monitor(self) -> int:
        if self.operation.is_probe:
            return self.probe()
        try:
            state = self.state()
        except TimedOut as slow:
            if not self.tolerate("slow", slow, SLOW):
                raise
            return self.degraded(slow.reason)
        self.tolerate("slow", None, 0)
        if state == codes.RUNNING:
            self.publish_report(RUNNING)
        elif state == codes.DEGRADED and not self.daemon().find():
            self.restart_when_ready()
            return state
        return self.if_persistent(state, SHOWN)

    def validate(self) -> None:
        hosts = self.hosts()
        if self.operation.called_by_pacemaker and self.operation.node not in hosts:
            raise Failure(f"node {self.operation.node} is not in addresses ({' '.join(hosts)})")

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
            self.launch("existing", self.take_place(step.peer))
            self.await_leader()
        else:
            self.launch("new", [f"{node}=http://{host}" for node, host in self.hosts().items()])
            self.await_leader()

    def launch(self, phase: str, cluster: Sequence[str]) -> None:
        """Start the server. `phase` and `cluster` count only where there is no data yet."""
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

    def take_place(self, peer: str) -> list[str]:
        """Become a member by the word of `peer`, in the place of a lost one of this name; the new list."""
        members: list[str] = []

        def accepted() -> bool:
            nonlocal members
            try:
                members = self.replace_member(self.hosts()[peer].rpartition(":")[0])
            except Failure as not_yet:
                # Shortly after a loss etcd refuses to change its members: "unhealthy cluster".
                self.logger.info(not_yet.reason)
                self.degraded_reason = not_yet.reason
            return members != []

        if not self.deadline.part(0.6).try_wait(accepted, every=1.0):
            raise TimedOut(f"the other members do not accept this one: {self.degraded_reason}")
        return members

    def replace_member(self, host: str) -> list[str]:
        """Remove the member of this name, if there is one, and add it anew; the new list of members."""
        own = self.operation.node
        address = f"http://{self.hosts()[own]}"
        for line in self.etcdctl(host, "member", "list").splitlines():
            # ID, status, name, peer addresses, client addresses
            fields = [field.strip() for field in line.split(",")]
            if len(fields) > 3 and (fields[2] == own or address in fields[3]):
                self.logger.warning(f"member {own} lost its disk; it joins anew")
                self.etcdctl(host, "member", "remove", fields[0])
        for line in self.etcdctl(host, "member", "add", own, f"--peer-urls={address}").splitlines():
            if line.startswith("ETCD_INITIAL_CLUSTER="):
                return line.partition("=")[2].strip('"').split(",")
        raise Failure("etcdctl member add did not say who is in the cluster")

    def etcdctl(self, host: str, *words: str) -> str:
        """Run the client against the member on `host`."""
        argv = [self.client, f"--endpoints={self.endpoint(host)}", "--command-timeout=5s", *words]
        result = self.ask(argv, environ={"ETCDCTL_API": "3"})
        if result.status:
            raise Failure(f"etcdctl {words[1]}: {result.error_line}")
        return result.stdout

    def await_leader(self) -> None:
        """Return when the member serves, or when it waits for nodes that nobody starts yet."""
        settled = self.deadline.within(SETTLED)

        def serves_or_waits() -> bool:
            if not self.daemon().find():
                said = files.tail(self.state_file("output")).strip().splitlines()
                raise Failure(f"etcd ended while it started: {said[-1] if said else 'it said nothing'}")
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
