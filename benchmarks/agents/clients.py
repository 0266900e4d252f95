"""Clients that write and read back: one class per service, with the acknowledgement of the service."""

from __future__ import annotations

from typing import ClassVar, Protocol

from benchmarks.agents.amqp import Channel
from pacemaker_os.agents.galera.sql import Session
from pacemaker_os.agents.redis.server import Access, Server
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline

USER, PASSWORD = "bench", "bench"

#: Timeout of a write, in seconds. A write that timed out may or may not exist.
WRITE = 15.0

#: Timeout of a health check, in seconds.
ASK = 5.0

#: Timeout of reading all values, in seconds.
READ = 120.0


class Client(Protocol):
    """A client of a service, connected to one node."""

    def prepare(self) -> None:
        """Create the table or queue for the writes."""

    def ask(self) -> None:
        """Check the node. Raises Failure unless it responds and has the data."""

    def write(self, value: str) -> None:
        """Write a value. Raises Failure unless the service acknowledges it."""

    def read(self) -> list[str]:
        """Return all values that this node has."""


class GaleraClient:
    """Rows of a table."""

    def __init__(self, host: str) -> None:
        self.host = host

    def session(self, seconds: float) -> Session:
        """Return a connection to the node."""
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
            session.rows(f"INSERT INTO bench.t VALUES ('{value}')")  # generated values

    def read(self) -> list[str]:
        with self.session(READ) as session:
            # Wait until this node has applied the writes that the other nodes acknowledged.
            session.rows("SET SESSION wsrep_sync_wait = 1")
            return [row[0] for row in session.rows("SELECT v FROM bench.t")]


class RabbitClient:
    """Persistent messages of a quorum queue, published with confirms."""

    queue = "bench"
    #: Messages read so far. A message can be read only once, through any node.
    drained: ClassVar[list[str]] = []

    def __init__(self, host: str) -> None:
        self.host = host

    def channel(self, seconds: float) -> Channel:
        """Return a connection to the node."""
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
                # A redelivered message is known: its acknowledgement was lost with the connection.
                if not (again and text in self.drained):
                    self.drained.append(text)
        finally:
            channel.close()
        return self.drained


class RedisClient:
    """Keys, acknowledged when a replica has them too (WAIT 1)."""

    def __init__(self, host: str) -> None:
        self.host = host

    def prepare(self) -> None:
        return

    def ask(self) -> None:
        with Server(self.host, 6379, Access(), Deadline(ASK)) as server:
            info = server.info("replication")
            if info["role"] != "master" and info["master_link_status"] != "up":
                raise Failure("the initial sync with the master is not complete")

    def write(self, value: str) -> None:
        with Server(self.host, 6379, Access(), Deadline(WRITE)) as server:
            server.command("SET", f"bench:{value}", "1")
            if server.command("WAIT", "1", "2000") == "0":
                raise Failure("no replica has acknowledged the write")

    def read(self) -> list[str]:
        with Server(self.host, 6379, Access(), Deadline(READ)) as server:
            script = "return table.concat(redis.call('KEYS', 'bench:*'), ' ')"
            return [key.removeprefix("bench:") for key in server.command("EVAL_RO", script, "0").split()]


CLIENTS: dict[str, type[GaleraClient] | type[RabbitClient] | type[RedisClient]] = {
    "galera": GaleraClient,
    "rabbitmq": RabbitClient,
    "redis": RedisClient,
}
