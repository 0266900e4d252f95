"""The actions of the mongodb agent."""

from __future__ import annotations

from pacemaker_os.agents.mongodb import decide, wire
from pacemaker_os.agents.mongodb.decide import Degraded, Failed, Fresh
from pacemaker_os.ocf import codes, files
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import INSTALLED, Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.parameter import Account, Path, Port, Program, String
from pacemaker_os.ocf.stream import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.operation import Notification

#: Seconds that an answer may take.
ANSWER = 5.0


class MongoDB(Agent):
    """MongoDB as a replica set, which elects its primary by itself. The set is begun once, when no node has
    data; a member whose disk is empty is filled by the others. A member that sees no primary, or that
    is being filled, is reported as degraded. Use it as a clone with notify=true.
    """

    name = "mongodb"
    summary = "MongoDB: a replica set"
    actions = (
        Action("start", timeout=120),
        Action("stop", timeout=120),
        Action("monitor", timeout=30, interval=10),
        Action("notify", timeout=20),
    )

    addresses = String(
        "All members, as NODE:HOST pairs with blanks: node1:10.0.0.1 node2:10.0.0.2 node3:10.0.0.3.",
        required=True,
    )
    replica_set = String("The replica set's name.", default="openstack")
    binary = Program("The server's program.", default="mongod")
    config = Path("The server's configuration file.", default="/etc/mongod.conf", unique_group="config")
    user = Account("The user that the server runs as.", default="mongodb")
    datadir = Path("The folder of the data.", default="/var/lib/mongodb", unique_group="datadir")
    port = Port("The port that every member listens on.", default="27017", unique_group="port")

    def daemon(self) -> Daemon:
        """The server's process."""
        return Daemon(self.state_file("daemon"), programs=("mongod",))

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def hosts(self) -> dict[str, str]:
        """Node -> host and port, of every member."""
        pairs = [pair.partition(":") for pair in self.addresses.split()]
        return {node: host if ":" in host else f"{host}:{self.port}" for node, _, host in pairs}

    @property
    def attribute(self) -> str:
        """The attribute in which each node says whether its disk is empty."""
        return f"mongodb-fresh-{self.operation.resource}"

    def publish_report(self, fresh: bool) -> None:
        """Say whether the disk is empty. Not in the CIB: a change there holds up the start of other nodes."""
        self.cluster.publish_private(self.attribute, "yes" if fresh else "no")
        files.write(self.state_file("told"), str(fresh))

    def command(self, words: dict[str, object]) -> dict[str, object]:
        """Run a command on this node's server."""
        return wire.command("127.0.0.1", self.port, words, self.deadline.within(ANSWER))

    def hello(self) -> dict[str, object]:
        """What the server says of itself; servers before 4.4.2 know only the older word."""
        answer = self.command({"hello": 1})
        return answer if answer.get("ok") else self.command({"isMaster": 1})

    def judge(self) -> decide.Good | Degraded | Fresh | Failed:
        """What its word means."""
        return decide.judge(self.hello(), self.replica_set)

    def state(self) -> int:
        if not self.daemon().find():
            return codes.NOT_RUNNING
        said = self.judge()
        if isinstance(said, Failed):
            raise Failure(said.reason)
        if isinstance(said, Degraded):
            return self.degraded(said.reason)
        if isinstance(said, Fresh):
            return self.degraded("the replica set is not begun yet")
        return codes.RUNNING

    def monitor(self) -> int:
        state = self.state()
        if self.operation.is_probe:
            return state
        if state == codes.DEGRADED:
            self.initiate()
        elif state == codes.RUNNING and files.read(self.state_file("told")) == str(True):
            # It has data now; nobody may begin the set anew on the word of an earlier start.
            self.publish_report(fresh=False)
        return state

    def initiate(self) -> None:
        """Begin the replica set, if it is for this node to do."""
        if not isinstance(self.judge(), Fresh):
            return
        members, nodes = list(self.hosts()), self.cluster.nodes()
        online = [name for name in members if name in nodes and nodes[name].online]
        words = self.cluster.attributes(self.attribute)
        fresh = {node: word == "yes" for node, word in words.items() if node in members}
        if decide.initiating_node(members, online, fresh) != self.operation.node:
            return
        answer = self.command({"replSetInitiate": decide.configuration(self.replica_set, self.hosts())})
        if not answer.get("ok"):
            raise Failure(f"the replica set cannot be begun: {answer.get('errmsg')}")
        self.logger.info(f"begins replica set {self.replica_set}")

    def validate(self) -> None:
        if not files.is_file(self.config):
            raise Failure(f"configuration file {self.config} is not there", INSTALLED)
        if self.operation.called_by_pacemaker and self.operation.node not in self.hosts():
            raise Failure(f"node {self.operation.node} is not in addresses ({' '.join(self.hosts())})")

    def start(self) -> None:
        self.daemon().stop(self.deadline.part(0.3))
        fresh = not any(name.startswith("WiredTiger") for name in files.names(self.datadir))
        self.publish_report(fresh)
        argv = [self.binary, "--config", self.config, "--replSet", self.replica_set]
        argv += ["--port", str(self.port), "--dbpath", self.datadir]
        output = self.state_file("output")
        files.remove(output)
        self.daemon().launch(argv, user=self.user, log=output, directory=self.datadir, open_files=65536)
        self.deadline.wait("mongod to answer", self.answers, every=0.1)

    def answers(self) -> bool:
        """Whether it answers. Raises Failure when it ended instead."""
        if not self.daemon().find():
            said = files.tail(self.state_file("output")).strip().splitlines()
            raise Failure(f"mongod ended while it started: {said[-1] if said else 'it said nothing'}")
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
