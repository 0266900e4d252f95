"""The parameters of the galera agent, and the objects that follow from them."""

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
from pacemaker_os.ocf.network.address import parse_address, same_host
from pacemaker_os.ocf.parameter import (
    Account,
    Arguments,
    Duration,
    Integer,
    InvalidParameter,
    Path,
    Program,
    String,
)

TYPE_CHECKING = False
#: Timeout of one query to mariadbd, in seconds.
QUERY_TIMEOUT = 5.0


class GaleraSettings(Agent):
    """The parameters of the agent."""

    # A running server learns about new members from the group itself; the address matters only at a start.
    wsrep_cluster_address = String(
        "Addresses of all nodes: gcomm://node1,node2,node3.",
        required=True,
        unique_group="cluster",
        reloadable=True,
    )
    cluster_host_map = String(
        """Map of nodes to addresses, for addresses that are not node names: node1:10.0.0.1;node2:10.0.0.2.
        An address may be an IPv6 address, and contain the port: node1:[fd00::1]:4567.""",
        reloadable=True,
    )
    binary = Program("Server program.", default="mariadbd")
    config = Path("Server configuration file.", default="/etc/mysql/my.cnf", unique_group="config")
    datadir = Path("Data directory.", default="/var/lib/mysql", unique_group="datadir")
    user = Account("User that the server runs as.", default="mysql")
    log = Path("Error log of the server.", default="/var/log/mysql/error.log")
    pid = Path("PID file of the server.", default="/run/mysqld/mysqld.pid")
    socket = Path("Unix socket of the server.", default="/run/mysqld/mysqld.sock", unique_group="socket")
    additional_parameters = Arguments("Additional arguments for the server, as on a command line.")
    check_user = String("Database user of the agent.", default="root")
    check_password_file = Path(
        "File with the password of the database user. Default: none, because unix_socket "
        "authentication needs none."
    )
    missing_node_timeout = Duration(
        """Time to wait after a full outage for nodes that have not reported their position, before a
        majority bootstraps without them. 0 waits indefinitely.""",
        default="0",
        reloadable=True,
        renamed_from="wait_for_missing",
    )
    haproxy_socket = Path(
        """Admin socket of haproxy on this node. Before the server stops, the agent marks it down in
        haproxy, which moves its clients to other servers. Otherwise clients that connect during the
        shutdown wait for some seconds. Default: the agent does not use haproxy.""",
        reloadable=True,
    )
    haproxy_server = String(
        "Name of this node's server in haproxy, as BACKEND/SERVER; {node} is replaced by the node name.",
        default="galera/{node}",
        allowed=LETTERS,
        reloadable=True,
    )
    transfer_stall_timeout = Duration(
        "Time without any transferred data after which a state transfer is restarted.",
        default="10min",
        reloadable=True,
        renamed_from="stalled_after",
    )
    degraded_after = Duration(
        """Time that a degradation (the node is joining or waiting, or other nodes are missing) must last
        before a monitor reports it. Most degradations are shorter.""",
        default="45s",
        reloadable=True,
    )
    tolerated_timeouts = Integer(
        "Number of consecutive monitor timeouts that are tolerated before the server is considered failed.",
        default="2",
        maximum=100,
        reloadable=True,
        renamed_from="slow_answers",
    )

    niceness = Integer(
        "Niceness of the server. With a negative value it gets CPU time even while other processes are busy.",
        default="0",
        minimum=-20,
        maximum=19,
        reloadable=True,
        renamed_from="nice",
    )

    def installation(self) -> Installation:
        """Return the installation of the server."""
        return Installation(
            binary=self.binary,
            config=self.config,
            data=self.datadir,
            user=self.user,
            log=self.log,
            socket=self.socket,
        )

    def daemon(self) -> Daemon:
        """Return the server process."""
        return Daemon(
            self.state_file("daemon"),
            programs=PROGRAMS,
            pid_file=self.pid,
            # mariadbd runs in its data directory.
            belongs=lambda process: process.directory == files.real_path(self.datadir),
        )

    def has_leftovers(self) -> bool:
        return Daemon(self.state_file("daemon"), programs=PROGRAMS).find() is not None

    def members(self) -> list[str]:
        """Return the configured nodes, in the order of the address."""
        scheme, _, rest = self.wsrep_cluster_address.partition("://")
        hosts = [host.strip() for host in rest.partition("?")[0].split(",") if host.strip()]
        if scheme != "gcomm" or not hosts:
            parameter = "parameter 'wsrep_cluster_address'"
            raise InvalidParameter(
                f"{parameter} must be gcomm:// followed by the addresses of all nodes", CONFIGURED
            )
        return [self.node_of(host) for host in hosts]

    def node_of(self, text: str) -> str:
        """Return the node with an address of the cluster address. Entries of the map may contain the port."""
        pairs = [pair.strip().partition(":") for pair in self.cluster_host_map.split(";") if pair.strip()]
        try:
            address = parse_address(text)
            mapped = {node: parse_address(entry.strip()) for node, _, entry in pairs}
        except ValueError as error:
            raise InvalidParameter(
                f"parameters 'wsrep_cluster_address' and 'cluster_host_map': {error}", CONFIGURED
            ) from None
        for node, entry in mapped.items():
            if same_host(entry.host, address.host) and entry.port in (0, address.port):
                return node
        return str(address.host)

    def session(self, within: float = QUERY_TIMEOUT) -> Session:
        """Return a session with the server."""
        password = files.read(self.check_password_file) if self.check_password_file else ""
        if password is None:
            raise InvalidParameter(f"cannot read password file {self.check_password_file}", INSTALLED)
        return Session(self.socket, self.check_user, password.strip(), self.deadline.within(within))
