"""The parameters of the redis agent, and where things are that they name."""

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

#: Seconds that one question may take: to this node's Redis, and to another node's.
OWN, PEER = 5.0, 1.5

PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb")


class RedisSettings(Agent):
    """What an operator sets, and what follows from it."""

    binary = Program("The server's program: redis-server or valkey-server.", default="redis-server")
    config = Path("The server's configuration file.", default="/etc/redis/redis.conf", unique_group="config")
    user = Account("The user that the server runs as.", default="redis")
    port = Port("The port on which every node's server listens.", default="6379", unique_group="port")
    addresses = String(
        """Where the replicas reach each node, as NODE:HOST pairs with blanks between them, HOST with a
        port where it differs: "node1:10.0.0.1 node2:10.0.0.2:6380". A node that is not named is
        reached by its own name.""",
        reloadable=True,
    )
    acl_user = String("The ACL user that the agent and the replicas log in as. Default: the default user.")
    password_file = Path(
        """A file with the password, readable by root alone. Default: masterauth or requirepass in
        the configuration file."""
    )
    tls = Boolean(
        """Speak TLS, to the server and between servers. The certificates are those of the configuration
        file (tls-ca-cert-file, tls-cert-file, tls-key-file).""",
        default="no",
    )
    last_promoted_timeout = Duration(
        """How long, after a full outage, the node that was promoted last is waited for before the best
        of the others is promoted.""",
        default="60s",
        reloadable=True,
        renamed_from="wait_for_promoted",
    )
    min_replicas_to_write = Integer(
        """The master refuses writes while fewer replicas follow it; 0 refuses none.""",
        default="0",
        maximum=64,
        reloadable=True,
    )
    degraded_after = Duration(
        """How long a replica must be without its master, or fetch its data, before a monitor reports it:
        most of it passes by itself.""",
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

    def settings(self) -> dict[str, str]:
        """The configuration file, read once."""
        if "settings" not in self.values:
            self.values["settings"] = read_config(self.config)
        settings = self.values["settings"]
        assert isinstance(settings, dict)
        return settings

    def daemon(self) -> Daemon:
        """The server's process, known without any parameter."""
        return Daemon(self.state_file("daemon"), programs=PROGRAMS)

    def access(self) -> Access:
        """How the server, and the other nodes' servers, are logged in to."""
        settings = self.settings()
        password = settings.get("masterauth") or settings.get("requirepass", "")
        if self.password_file:
            text = files.read(self.password_file)
            if text is None:
                raise InvalidParameter(f"password file {self.password_file} cannot be read", INSTALLED)
            password = text.strip()
        tls = ("tls-ca-cert-file", "tls-cert-file", "tls-key-file")
        ca, cert, key = (settings.get(name, "") for name in tls)
        return Access(user=self.acl_user, password=password, tls=self.tls, ca=ca, cert=cert, key=key)

    def address(self, node: str) -> tuple[str, int]:
        """Host and port at which a node's server is reached from others."""
        for pair in self.addresses.split():
            name, _, place = pair.partition(":")
            host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "")
            if name == node:
                return host, int(port) if port.isdigit() else self.port
        return node, self.port

    def connect(self, within: float = OWN) -> Server:
        """Ask this node's server."""
        host = self.settings().get("bind", "127.0.0.1").split()[0].lstrip("-")
        host = "127.0.0.1" if host in ("0.0.0.0", "*") else host  # noqa: S104  # recognized, not bound
        return Server(host, self.port, self.access(), self.deadline.within(within))

    def connect_peer(self, node: str) -> Server:
        """Ask another node's server."""
        return Server(*self.address(node), self.access(), self.deadline.within(PEER))

    @property
    def data_folder(self) -> str:
        """Where the data lies, and the history beside it."""
        return self.settings().get("dir", "/var/lib/redis")

    @property
    def attribute(self) -> str:
        """The attribute in which each node reports."""
        return f"redis-report-{self.operation.resource}"
