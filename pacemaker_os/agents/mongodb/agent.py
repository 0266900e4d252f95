"""The actions of the mongodb agent."""

from __future__ import annotations

from pacemaker_os.agents.mongodb import decide, wire
from pacemaker_os.agents.mongodb.decide import Degraded, Failed, Fresh
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import INSTALLED, Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.parameter import Account, Path, Port, Program, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.operation import Notification

#: Timeout of a query, in seconds.
QUERY_TIMEOUT = 5.0


class MongoDB(Agent):
    """Manages a MongoDB replica set, which elects its primary itself. The set is initiated once, when no
    node has data; a member without data syncs from the others. A member that sees no primary, or that
    is syncing, is reported as degraded. Configure the resource as a clone with notify=true.
    """

    name = "mongodb"
    summary = "MongoDB replica set"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=120),
        Action("monitor", timeout=30, interval=10),
        Action("notify", timeout=20),
    )

    addresses = String(
        "All members, as NODE:HOST pairs separated by spaces: node1:10.0.0.1 node2:10.0.0.2 node3:10.0.0.3.",
        required=True,
    )
    replica_set = String("Name of the replica set.", default="openstack")
    binary = Program("Server program.", default="mongod")
    config = Path("Server configuration file.", default="/etc/mongod.conf", unique_group="config")
    user = Account("User that the server runs as.", default="mongodb")
    datadir = Path("Data directory.", default="/var/lib/mongodb", unique_group="datadir")
    port = Port("Port of the server, the same on every member.", default="27017", unique_group="port")

    def daemon(self) -> Daemon:
        """Return the server process."""
        return Daemon(self.state_file("daemon"), programs=("mongod",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def hosts(self) -> dict[str, str]:
        """Return host and port of every member, by node."""
        pairs = [pair.partition(":") for pair in self.addresses.split()]
        return {node: host if ":" in host else f"{host}:{self.port}" for node, _, host in pairs}

    @property
    def attribute(self) -> str:
        """The node attribute that records whether the data directory of a node is empty."""
        return f"mongodb-fresh-{self.operation.resource}"

    def publish_report(self, fresh: bool) -> None:
        """Publish whether the data directory is empty.

        The attribute is private: a CIB change would delay the start of other nodes.
        """
        self.cluster.publish_private(self.attribute, "yes" if fresh else "no")
        self.write_state("told", str(fresh))

    def command(self, document: dict[str, object]) -> dict[str, object]:
        """Run a command on this node's server."""
        return wire.command("127.0.0.1", self.port, document, self.deadline.within(QUERY_TIMEOUT))

    def hello(self) -> dict[str, object]:
        """Return the server's description of itself. Servers before 4.4.2 only know isMaster."""
        response = self.command({"hello": 1})
        return response if response.get("ok") else self.command({"isMaster": 1})

    def member_state(self) -> decide.Good | Degraded | Fresh | Failed:
        """Return what this description means."""
        return decide.member_state(self.hello(), self.replica_set)

    def state(self) -> int:
        if not self.daemon().find():
            return codes.NOT_RUNNING
        member = self.member_state()
        if isinstance(member, Failed):
            raise Failure(member.reason)
        if isinstance(member, Degraded):
            return self.degraded(member.reason)
        if isinstance(member, Fresh):
            return self.degraded("the replica set is not initiated yet")
        return codes.RUNNING

    def monitor(self) -> int:
        state = self.state()
        if self.operation.is_probe:
            return state
        if state == codes.DEGRADED:
            self.initiate()
        elif state == codes.RUNNING and files.read(self.state_file("told")) == str(True):
            # The node has data now. Its report from the start must not lead to another initiation.
            self.publish_report(fresh=False)
        return state

    def initiate(self) -> None:
        """Initiate the replica set, if this node is the one to do so."""
        if not isinstance(self.member_state(), Fresh):
            return
        members, nodes = list(self.hosts()), self.cluster.nodes()
        online = [name for name in members if name in nodes and nodes[name].online]
        reports = self.cluster.attributes(self.attribute)
        fresh = {node: text == "yes" for node, text in reports.items() if node in members}
        if decide.initiating_node(members, online, fresh) != self.operation.node:
            return
        response = self.command({"replSetInitiate": decide.configuration(self.replica_set, self.hosts())})
        if not response.get("ok"):
            raise Failure(f"cannot initiate the replica set: {response.get('errmsg')}")
        self.logger.info(f"initiated replica set {self.replica_set}")

    def validate(self) -> None:
        if not files.is_file(self.config):
            raise Failure(f"configuration file {self.config} does not exist", INSTALLED)
        if self.operation.called_by_pacemaker and self.operation.node not in self.hosts():
            raise Failure(
                f"node {self.operation.node} is not in the parameter 'addresses' ({' '.join(self.hosts())})"
            )

    def start(self) -> None:
        self.daemon().stop(self.deadline.part(0.3))
        fresh = not any(name.startswith("WiredTiger") for name in files.names(self.datadir))
        self.publish_report(fresh)
        argv = [self.binary, "--config", self.config, "--replSet", self.replica_set]
        argv += ["--port", str(self.port), "--dbpath", self.datadir]
        output = self.state_file("output")
        files.remove(output)
        self.daemon().launch(argv, user=self.user, log=output, directory=self.datadir, open_files=65536)
        self.deadline.wait("mongod to respond", self.responds, every=0.1)

    def responds(self) -> bool:
        """Return whether the server responds. Raises Failure if it has exited."""
        if not self.daemon().find():
            lines = files.tail(self.state_file("output")).strip().splitlines()
            raise Failure(f"mongod exited during startup: {lines[-1] if lines else 'no output'}")
        try:
            return bool(self.hello().get("ok"))
        except Refused:
            return False

    def stop(self) -> None:
        self.daemon().stop(self.deadline)
        self.cluster.withdraw(self.attribute)

    def notify(self, notification: Notification) -> None:
        if notification.event == "post-start" and self.daemon().find():
            self.initiate()


AGENT = MongoDB
