"""The parameters of the redis agent, and the objects that follow from them."""

from __future__ import annotations

from pacemaker_os.agents.redis.config import Config, read_config
from pacemaker_os.agents.redis.server import Access, Server
from pacemaker_os.ocf import files
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.codes import CONFIGURED, INSTALLED, Failure
from pacemaker_os.ocf.daemon import Daemon
from pacemaker_os.ocf.network.address import Address, is_local, parse_address
from pacemaker_os.ocf.network.stream import Refused
from pacemaker_os.ocf.parameter import (
    Account,
    Boolean,
    Duration,
    Integer,
    InvalidParameter,
    OptionalInteger,
    Path,
    Program,
    String,
)

#: Timeouts of a query, in seconds: to this node's server, and to that of another node.
OWN, PEER = 5.0, 1.5

DEFAULT_PORT = 6379

#: Addresses to connect to for those that mean every address, in `bind`.
EVERY_ADDRESS = {"*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1", "::*": "::1"}  # noqa: S104

PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb")


class RedisSettings(Agent):
    """The parameters of the agent."""

    binary = Program("Server program: redis-server or valkey-server.", default="redis-server")
    config = Path("Server configuration file.", default="/etc/redis/redis.conf", unique_group="config")
    user = Account("User that the server runs as.", default="redis")
    port = OptionalInteger(
        """Port of the server, the same on every node. Default: port, or tls-port with TLS, in the
        configuration file, or 6379.""",
        minimum=1,
        maximum=65535,
        unique_group="port",
    )
    addresses = String(
        """Addresses that replicas use to reach each node, as NODE:HOST pairs separated by spaces; HOST may
        include a port: "node1:10.0.0.1 node2:[fd00::2]:6380". Default for a node: its name.""",
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
    min_replicas_to_write = OptionalInteger(
        """Minimum number of connected replicas; with fewer, the master rejects writes. 0 disables this.
        Default: min-replicas-to-write in the configuration file.""",
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
        default="1",
        maximum=100,
        reloadable=True,
        renamed_from="slow_answers",
    )

    def settings(self) -> Config:
        """Return the directives of the configuration file, which is read once."""
        if "settings" not in self.values:
            self.values["settings"] = read_config(self.config)
        settings = self.values["settings"]
        assert isinstance(settings, Config)
        return settings

    def daemon(self) -> Daemon:
        """Return the server process. This needs no parameter."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS)

    def access(self) -> Access:
        """Return the credentials for the servers of all nodes."""
        settings = self.settings()
        password = settings.get("masterauth") or settings.get("requirepass")
        if self.password_file:
            text = files.read(self.password_file)
            if text is None:
                raise InvalidParameter(f"cannot read password file {self.password_file}", INSTALLED)
            password = text.strip()
        tls = ("tls-ca-cert-file", "tls-cert-file", "tls-key-file")
        ca, cert, key = (settings.get(name) for name in tls)
        return Access(
            user=self.acl_user,
            password=password,
            tls=self.tls,
            ca=ca,
            cert=cert,
            key=key,
            renamed=settings.renamed_commands(),
        )

    def credentials_to_set(self) -> dict[str, str]:
        """Return the credentials of a replica that are not in its configuration file, by directive."""
        access, settings = self.access(), self.settings()
        known = {"masterauth": access.password, "masteruser": access.user}
        return {name: value for name, value in known.items() if value and settings.get(name) != value}

    @property
    def server_port(self) -> int:
        """The port of the servers of all nodes."""
        configured = self.settings().get("tls-port" if self.tls else "port")
        return self.port or (int(configured) if configured.isdigit() and int(configured) else DEFAULT_PORT)

    def address(self, node: str) -> Address:
        """Return host and port at which other nodes reach a node's server. Raises InvalidParameter."""
        for pair in self.addresses.split():
            name, colon, place = pair.partition(":")
            try:
                host, port = parse_address(place)
            except ValueError as error:
                reason = str(error) if colon else f"'{pair}' is not a NODE:HOST pair"
                raise InvalidParameter(f"parameter 'addresses': {reason}", CONFIGURED) from None
            if name == node:
                return Address(host, port or self.server_port)
        return Address(node, self.server_port)

    def connect(self, within: float = OWN) -> Server:
        """Return a connection to this node's server, at the first of its addresses where it listens.

        An address that begins with '-' is optional: it may be missing on this node.
        """
        bound = self.settings().arguments("bind", ["127.0.0.1"])
        present = [text.lstrip("-") for text in bound if text[:1] != "-" or is_local(text[1:])]
        places = [(EVERY_ADDRESS.get(host, host), self.server_port) for host in present if host]
        socket = self.settings().get("unixsocket")
        places += [(socket, 0)] if socket else []
        refused: Failure = InvalidParameter(
            f"{self.config}: the server has neither an address (bind) nor a unixsocket", CONFIGURED
        )
        for host, port in places:
            access = self.access()
            access.tls = access.tls and port > 0
            try:
                return Server(host, port, access, self.deadline.within(within))
            except Refused as failure:
                refused = failure
        raise refused

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
