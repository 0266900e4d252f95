"""The parameters of the redis agent, and the objects that follow from them."""

from __future__ import annotations

from pacemaker_os.agents.redis.config import read_config
from pacemaker_os.agents.redis.server import Access, Server
from pacemaker_os.ocf import files
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import INSTALLED
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.parameter import (
    Account,
    Boolean,
    Duration,
    Integer,
    InvalidParameter,
    Path,
    Port,
    Program,
    String,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

#: Timeouts of a query, in seconds: to this node's server, and to that of another node.
OWN, PEER = 5.0, 1.5

PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb")


class RedisSettings(Agent):
    """The parameters of the agent."""

    binary = Program("Server program: redis-server or valkey-server.", default="redis-server")
    config = Path("Server configuration file.", default="/etc/redis/redis.conf", unique_group="config")
    user = Account("User that the server runs as.", default="redis")
    port = Port("Port of the server, the same on every node.", default="6379", unique_group="port")
    addresses = String(
        """Addresses that replicas use to reach each node, as NODE:HOST pairs separated by spaces; HOST may
        include a port: "node1:10.0.0.1 node2:10.0.0.2:6380". Default for a node: its name.""",
        reloadable=True,
    )
    acl_user = String("ACL user of the agent and of the replicas. Default: the default user.")
    password_file = Path(
        "Password file, readable by root only. Default: masterauth or requirepass in the configuration file."
    )
    tls = Boolean(
        """Use TLS for connections to and between servers. The certificates are those in the configuration
        file (tls-ca-cert-file, tls-cert-file, tls-key-file).""",
        default="no",
    )
    last_promoted_timeout = Duration(
        """Time to wait after a full outage for the node that was promoted last, before the best of the
        other nodes is promoted.""",
        default="60s",
        reloadable=True,
        renamed_from="wait_for_promoted",
    )
    min_replicas_to_write = Integer(
        "Minimum number of connected replicas; with fewer, the master rejects writes. 0 disables this.",
        default="0",
        maximum=64,
        reloadable=True,
    )
    degraded_after = Duration(
        """Time that a replica must be without its master, or be syncing, before a monitor reports it as
        degraded. Most such states are shorter.""",
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

    def settings(self) -> dict[str, str]:
        """Return the directives of the configuration file, which is read once."""
        if "settings" not in self.values:
            self.values["settings"] = read_config(self.config)
        settings = self.values["settings"]
        assert isinstance(settings, dict)
        return settings

    def daemon(self) -> Daemon:
        """Return the server process. This needs no parameter."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS)

    def access(self) -> Access:
        """Return the credentials for the servers of all nodes."""
        settings = self.settings()
        password = settings.get("masterauth") or settings.get("requirepass", "")
        if self.password_file:
            text = files.read(self.password_file)
            if text is None:
                raise InvalidParameter(f"cannot read password file {self.password_file}", INSTALLED)
            password = text.strip()
        tls = ("tls-ca-cert-file", "tls-cert-file", "tls-key-file")
        ca, cert, key = (settings.get(name, "") for name in tls)
        return Access(user=self.acl_user, password=password, tls=self.tls, ca=ca, cert=cert, key=key)

    def address(self, node: str) -> tuple[str, int]:
        """Return host and port at which other nodes reach a node's server."""
        for pair in self.addresses.split():
            name, _, place = pair.partition(":")
            host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
            if name == node:
                return host, int(port) if port.isdigit() else self.port
        return node, self.port

    def connect(self, within: float = OWN) -> Server:
        """Return a connection to this node's server."""
        host = self.settings().get("bind", "127.0.0.1").split()[0].lstrip("-")
        host = "127.0.0.1" if host in ("0.0.0.0", "*") else host  # noqa: S104  # recognized, not bound
        return Server(host, self.port, self.access(), self.deadline.within(within))

    def connect_peer(self, node: str) -> Server:
        """Return a connection to another node's server."""
        return Server(*self.address(node), self.access(), self.deadline.within(PEER))

    @property
    def data_directory(self) -> str:
        """The directory with the data and with the record of its generation."""
        return self.settings().get("dir", "/var/lib/redis")

    @property
    def attribute(self) -> str:
        """The node attribute with the report of each node."""
        return f"redis-report-{self.operation.resource}"
