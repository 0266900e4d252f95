"""The parameters of the rabbitmq agent, and the objects that follow from them."""

from __future__ import annotations

from itertools import pairwise

from pacemaker_os.agents.rabbitmq.broker import Broker
from pacemaker_os.agents.rabbitmq.store import Store
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.member import Member
from pacemaker_os.ocf.parameter import Account, Duration, Integer, Path, Port, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.process import Process

PROGRAMS = ("beam.smp", "beam")


class RabbitMQSettings(Member):
    """The parameters of the agent."""

    node_name = String(
        """Erlang node name of the broker; {node} is replaced by the node name. With long names:
        rabbit@{node}. Default: rabbit@ and the node name up to the first dot."""
    )
    members = String("Cluster nodes that can be members, separated by spaces. Default: all cluster nodes.")
    node_port = Port("AMQP port.", default="5672", unique_group="port")
    dist_port = Integer(
        "Port for connections between brokers; 0 selects RabbitMQ's default.", default="0", maximum=65535
    )
    config = Path("Configuration file, without .conf. Default: that of RabbitMQ.")
    mnesia_base = Path(
        "Directory that contains the data directory of the broker.",
        default="/var/lib/rabbitmq/mnesia",
        unique_group="data",
    )
    log_base = Path("Log directory.", default="/var/log/rabbitmq")
    home = Path("Home directory of the user, with .erlang.cookie.", default="/var/lib/rabbitmq")
    user = Account("User that the broker runs as.", default="rabbitmq")
    set_policy = String(
        """Policy for a new cluster, as arguments of rabbitmqctl set_policy: name, pattern, and definition
        in JSON. RabbitMQ 4 does not support mirrored queues; leave it empty there."""
    )
    tolerated_timeouts = Integer(
        "Number of consecutive monitor timeouts that are tolerated before the broker is considered failed.",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="slow_answers",
    )
    niceness = Integer(
        "Niceness of the broker. With a negative value it gets CPU time even while other processes are busy.",
        default="0",
        minimum=-20,
        maximum=19,
        reloadable=True,
        renamed_from="nice",
    )
    forget_after = Duration(
        """Time that a member may be away before the running members remove it from the cluster. 0 disables
        this.""",
        default="0",
        reloadable=True,
    )
    boot_timeout = Duration(
        "Time that a broker may wait for brokers that ran longer, before the monitor reports a failure.",
        default="15min",
        reloadable=True,
        renamed_from="boot_patience",
    )

    @property
    def broker_name(self) -> str:
        node = self.operation.node
        return self.node_name.replace("{node}", node) or f"rabbit@{node.partition('.')[0]}"

    def store(self) -> Store:
        """Return the data directory."""
        return Store(self.mnesia_base, self.broker_name)

    def broker(self) -> Broker:
        """Return the broker of this node."""
        return Broker(
            name=self.broker_name,
            user=self.user,
            home=self.home,
            logs=self.log_base,
            port=self.node_port,
            dist_port=self.dist_port,
            config=self.config,
            store=self.store(),
            run=self.run_command,
        )

    def daemon(self) -> Daemon:
        """Return the process of the broker."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS, belongs=self.is_broker)

    def is_broker(self, process: Process) -> bool:
        """Return whether an Erlang process has the node name of this broker."""
        arguments = process.arguments
        named = {value for option, value in pairwise(arguments) if option in ("-sname", "-name")}
        return bool(named & {self.store().name, self.store().name.partition("@")[0]})

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def process(self) -> Process | None:
        """Return the process of the broker, even if the agent did not start it."""
        daemon = self.daemon()
        if not daemon.find():
            daemon.pid_file = f"{self.store().directory}.pid"
            found = daemon.find()
            if found:
                daemon.remember(found)
        return daemon.find()
