"""The parameters of the rabbitmq agent, and where things are that they name."""

from __future__ import annotations

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
    """What an operator sets, and what follows from it."""

    node_name = String("The broker's Erlang name. Default: rabbit@ and the node's name up to the first dot.")
    members = String("The cluster nodes that can be members, with blanks. Default: all full cluster nodes.")
    node_port = Port("The AMQP port.", default="5672", unique_group="port")
    dist_port = Integer(
        "The port that brokers reach each other on; 0 is RabbitMQ's own.", default="0", maximum=65535
    )
    config = Path("The configuration file, without .conf, where it is not RabbitMQ's own.")
    mnesia_base = Path(
        "The folder that holds the broker's data folder.",
        default="/var/lib/rabbitmq/mnesia",
        unique_group="data",
    )
    log_base = Path("The folder of its logs.", default="/var/log/rabbitmq")
    home = Path("The home of its user, with .erlang.cookie.", default="/var/lib/rabbitmq")
    user = Account("The user that the broker runs as.", default="rabbitmq")
    set_policy = String(
        """A policy for a cluster that is created, as rabbitmqctl set_policy takes it: its name, the
        pattern, the definition in JSON. RabbitMQ 4 has no mirrored queues; leave it empty there."""
    )
    tolerated_timeouts = Integer(
        """How many monitors in a row may get no answer in time before the broker counts as failed.""",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="slow_answers",
    )
    niceness = Integer(
        """The niceness that the broker is started with. Below 0 it goes on when many others are busy.""",
        default="0",
        minimum=-20,
        maximum=19,
        reloadable=True,
        renamed_from="nice",
    )
    forget_after = Duration(
        """How long a member may be away before those that serve forget it, as if the operator had said
        so. 0: never.""",
        default="0",
        reloadable=True,
    )
    boot_timeout = Duration(
        """How long a broker may wait for those that ran longer, before that counts as a failure.""",
        default="15min",
        reloadable=True,
        renamed_from="boot_patience",
    )

    @property
    def broker_name(self) -> str:
        return self.node_name or f"rabbit@{self.operation.node.partition('.')[0]}"

    def store(self) -> Store:
        """What lies on the disk."""
        return Store(self.mnesia_base, self.broker_name)

    def broker(self) -> Broker:
        """The broker of this node."""
        return Broker(
            name=self.broker_name,
            user=self.user,
            home=self.home,
            logs=self.log_base,
            port=self.node_port,
            dist_port=self.dist_port,
            config=self.config,
            store=self.store(),
            ask=self.ask,
        )

    def daemon(self) -> Daemon:
        """The broker's process."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS)

    def has_leftovers(self) -> bool:
        return self.daemon().find() is not None

    def process(self) -> Process | None:
        """The broker's process, also one that somebody else started."""
        daemon = self.daemon()
        if not daemon.find():
            daemon.pid_file = f"{self.store().folder}.pid"
            found = daemon.find()
            if found:
                daemon.remember(found)
        return daemon.find()
