"""Writing and reading back: one class a service, the acknowledgement being the service's own."""

from __future__ import annotations

from typing import ClassVar, Protocol

from benchmarks.agents.amqp import Channel
from pacemaker_os.agents.galera.sql import Session
from pacemaker_os.agents.redis.server import Access, Server
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

USER, PASSWORD = "bench", "bench"

#: Seconds that a write may take before it is given up; one given up may or may not be there.
WRITE = 15.0

#: Seconds that a node may take to answer at all, when it is well.
ASK = 5.0

#: Seconds that reading everything back may take.
READ = 120.0


class Client(Protocol):
    """A service as a client sees it, through one node."""

    def prepare(self) -> None:
        """Make what writes go to."""

    def ask(self) -> None:
        """Return when this node answers, and has the data. Raises Failure when it does not."""

    def write(self, value: str) -> None:
        """Write, and return when the service acknowledged it. Raises Failure when it did not."""

    def read(self) -> list[str]:
        """Everything that this node holds."""


class GaleraClient:
    """Rows of a table."""

    def __init__(self, host: str) -> None:
        self.host = host

    def session(self, seconds: float) -> Session:
        """A connection to the node."""
        return Session(self.host, USER, PASSWORD, Deadline(seconds), port=3306)

    def prepare(self) -> None:
        with self.session(WRITE) as session:
            session.rows("CREATE DATABASE IF NOT EXISTS bench")
            session.rows("CREATE TABLE IF NOT EXISTS bench.t (v VARCHAR(40) PRIMARY KEY) ENGINE=InnoDB")

    def ask(self) -> None:
        with self.session(ASK) as session:
            session.rows("SELECT 1")

    def write(self, value: str) -> None:
        with self.session(WRITE) as session:
            session.rows(f"INSERT INTO bench.t VALUES ('{value}')")  # our own numbers

    def read(self) -> list[str]:
        with self.session(READ) as session:
            # Read what the others have acknowledged, also what this node has yet to apply.
            session.rows("SET SESSION wsrep_sync_wait = 1")
            return [row[0] for row in session.rows("SELECT v FROM bench.t")]


class RabbitClient:
    """Persistent messages of a quorum queue, published with confirms."""

    queue = "bench"
    #: What was read so far: a message can be read once, through whichever node.
    drained: ClassVar[list[str]] = []

    def __init__(self, host: str) -> None:
        self.host = host

    def channel(self, seconds: float) -> Channel:
        """A connection to the node."""
        return Channel(self.host, USER, PASSWORD, Deadline(seconds))

    def prepare(self) -> None:
        self.channel(WRITE).declare(self.queue, "quorum")

    def ask(self) -> None:
        self.channel(ASK).close()

    def write(self, value: str) -> None:
        channel = self.channel(WRITE)
        try:
            channel.publish(self.queue, value)
        finally:
            channel.close()

    def read(self) -> list[str]:
        channel = self.channel(READ)
        try:
            for text, again in channel.drain(self.queue):
                # Handed out before, and noted then: the acknowledgement was lost with the connection.
                if not (again and text in self.drained):
                    self.drained.append(text)
        finally:
            channel.close()
        return self.drained


class RedisClient:
    """Members of a set; acknowledged when a replica has it too (WAIT 1)."""

    def __init__(self, host: str) -> None:
        self.host = host

    def prepare(self) -> None:
        return

    def ask(self) -> None:
        with Server(self.host, 6379, Access(), Deadline(ASK)) as server:
            info = server.info("replication")
            if info["role"] != "master" and info["master_link_status"] != "up":
                raise Failure("it has not got the data from its master yet")

    def write(self, value: str) -> None:
        with Server(self.host, 6379, Access(), Deadline(WRITE)) as server:
            server.command("SET", f"bench:{value}", "1")
            if server.command("WAIT", "1", "2000") == "0":
                raise Failure("no replica has it")

    def read(self) -> list[str]:
        with Server(self.host, 6379, Access(), Deadline(READ)) as server:
            script = "return table.concat(redis.call('KEYS', 'bench:*'), ' ')"
            return [key.removeprefix("bench:") for key in server.command("EVAL_RO", script, "0").split()]


CLIENTS: dict[str, type[GaleraClient] | type[RabbitClient] | type[RedisClient]] = {
    "galera": GaleraClient,
    "rabbitmq": RabbitClient,
    "redis": RedisClient,
}
