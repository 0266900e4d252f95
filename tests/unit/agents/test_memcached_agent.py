"""The memcached agent with a server that implements the text protocol."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pacemaker_os.agents.memcached.agent import Memcached
from pacemaker_os.ocf import codes
from pacemaker_os.ocf.testing import ActionResult, World


class Server(socketserver.TCPServer):
    """A memcached with a cache size: the commands that it got, and its response."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[str] = []
        self.answer = "OK"


class Handler(socketserver.StreamRequestHandler):
    """One command per connection."""

    server: Server

    def handle(self) -> None:
        self.server.received.append(self.rfile.readline().decode().strip())
        self.wfile.write(f"{self.server.answer}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def reload(server: Server, scratch: Path) -> ActionResult:
    """Return the result of the agent after a change of the size."""
    port = str(server.server_address[1])
    parameters = {"binary": "sh", "user": "root", "port": port, "memory": "256"}
    agent = World().agent(
        Memcached, "reload-agent", parameters=parameters, environ={"HA_RSCTMP": str(scratch)}
    )
    return World().run(agent)


def test_reload_changes_size_without_restart(server: Server, tmp_path: Path) -> None:
    assert reload(server, tmp_path).code == codes.SUCCESS
    assert server.received == ["cache_memlimit 256"]


def test_reload_rejected_size_is_a_failure(server: Server, tmp_path: Path) -> None:
    server.answer = "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust"
    answer = reload(server, tmp_path)
    assert answer.code == codes.GENERIC
    assert "memcached rejected a cache size of 256 MiB: MEMLIMIT_ADJUST_FAILED" in answer.reason


def test_only_memory_is_reloadable() -> None:
    assert [parameter.name for parameter in Memcached.parameters() if parameter.reloadable] == ["memory"]
