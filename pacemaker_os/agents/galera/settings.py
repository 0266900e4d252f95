"""The parameters of the galera agent, and where things are that they name."""

from __future__ import annotations

from pacemaker_os.agents.galera.haproxy import LETTERS
from pacemaker_os.agents.galera.server import (
    PROGRAMS,
    Installation,
)
from pacemaker_os.agents.galera.sql import Session
from pacemaker_os.ocf import files
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.parameter import Account, Duration, Integer, InvalidParameter, Path, Program, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

#: Seconds that one question to mariadbd may take.
QUESTION = 5.0


class GaleraSettings(Agent):
    """What an operator sets, and what follows from it."""

    # A server that runs learns of new members from the group itself: these matter when one starts.
    wsrep_cluster_address = String(
        "The addresses of all nodes: gcomm://node1,node2,node3.",
        required=True,
        unique_group="cluster",
        reloadable=True,
    )
    cluster_host_map = String(
        "Which node an address belongs to, where it is not the node's name: node1:10.0.0.1;node2:10.0.0.2.",
        reloadable=True,
    )
    binary = Program("The server's program.", default="mariadbd")
    config = Path("The server's configuration file.", default="/etc/mysql/my.cnf", unique_group="config")
    datadir = Path("The folder of the data.", default="/var/lib/mysql", unique_group="datadir")
    user = Account("The user that the server runs as.", default="mysql")
    log = Path("The server's error log.", default="/var/log/mysql/error.log")
    pid = Path("The server's file with its process number.", default="/run/mysqld/mysqld.pid")
    socket = Path("The server's unix socket.", default="/run/mysqld/mysqld.sock", unique_group="socket")
    additional_parameters = String("More arguments of the server, as on a command line.")
    check_user = String("The database user that the agent logs in as.", default="root")
    check_password_file = Path(
        "A file with that user's password. Default: none, as a user that logs in by unix_socket needs none."
    )
    missing_node_timeout = Duration(
        """How long a node that does not say how far its data goes is waited for after an outage, before a
        majority may begin without it. Default: until it comes, or the operator decides.""",
        default="0",
        reloadable=True,
        renamed_from="wait_for_missing",
    )
    haproxy_socket = Path(
        """The admin socket of a haproxy on this node. Before the server ends, haproxy is told that it is
        down, and sends its clients elsewhere at once: for seconds, a server that ends takes connections and
        serves nobody. Default: none is told.""",
        reloadable=True,
    )
    haproxy_server = String(
        "What haproxy calls this node's server: BACKEND/SERVER, {node} in it being this node's name.",
        default="galera/{node}",
        allowed=LETTERS,
        reloadable=True,
    )
    transfer_stall_timeout = Duration(
        "How long a state transfer may move no byte before it is begun anew.",
        default="10min",
        reloadable=True,
        renamed_from="stalled_after",
    )
    degraded_after = Duration(
        """How long something must be less than well (a node joins, waits, or is missing) before a monitor
        reports it: most of it passes by itself.""",
        default="45s",
        reloadable=True,
    )
    tolerated_timeouts = Integer(
        """How many monitors in a row may get no answer in time before the server counts as failed.""",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="slow_answers",
    )

    niceness = Integer(
        """The niceness that the server is started with. Below 0 it goes on when many others are busy.""",
        default="0",
        minimum=-20,
        maximum=19,
        reloadable=True,
        renamed_from="nice",
    )

    def installation(self) -> Installation:
        """What is installed here."""
        return Installation(
            binary=self.binary,
            config=self.config,
            data=self.datadir,
            user=self.user,
            log=self.log,
            socket=self.socket,
        )

    def daemon(self) -> Daemon:
        """The server's process."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS, pid_file=self.pid)

    def has_leftovers(self) -> bool:
        return Daemon(self.state_file("daemon"), programs=PROGRAMS).find() is not None

    def members(self) -> list[str]:
        """The nodes that can be in the cluster, in the order of the address."""
        pairs = [pair.strip().partition(":") for pair in self.cluster_host_map.split(";") if pair.strip()]
        names = {address: node for node, _, address in pairs}
        scheme, _, rest = self.wsrep_cluster_address.partition("://")
        hosts = [host.strip() for host in rest.partition("?")[0].split(",") if host.strip()]
        if scheme != "gcomm" or not hosts:
            parameter = "parameter 'wsrep_cluster_address'"
            raise InvalidParameter(f"{parameter} must be gcomm:// and the addresses of all nodes", CONFIGURED)
        without_port = [host.partition(":")[0] for host in hosts]
        return [
            names.get(full) or names.get(bare, bare) for full, bare in zip(hosts, without_port, strict=True)
        ]

    def session(self, within: float = QUESTION) -> Session:
        """Ask the server."""
        password = files.read(self.check_password_file) if self.check_password_file else ""
        if password is None:
            raise InvalidParameter(f"password file {self.check_password_file} cannot be read", INSTALLED)
        return Session(self.socket, self.check_user, password.strip(), self.deadline.within(within))
