"""Draining a server in haproxy before it stops."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_galera_agent import Site, site

__all__ = ["site"]


class Admin:
    """An admin socket that answers every line with `answer`."""

    def __init__(self, path: Path) -> None:
        self.path, self.answer, self.received = path, b"\n\n", list[str]()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            client, _ = self.server.accept()
            with client, client.makefile("rb") as lines:
                line = lines.readline().decode()
                if not line:
                    return
                self.received.append(line)
                client.sendall(self.answer)

    def end(self) -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.path))
        self.thread.join()
        self.server.close()


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Admin]:
    admin = Admin(tmp_path / "admin.sock")
    yield admin
    admin.end()


def test_stop_drains_clients_before_server_ends(
    site: Site, admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.serve()
    node, received = site.nodes["node2"], list[list[str]]()
    end = node.stop
    monkeypatch.setattr(
        node, "stop", lambda *words, **more: (received.append([*admin.received]), end(*words, **more))[1]
    )
    assert site.do("node2", "stop", haproxy_socket=str(admin.path)).code == 0
    line = "set server galera/node2 health down; shutdown sessions server galera/node2\n"
    assert received == [[line]]
    assert site.do("node2", "stop", haproxy_socket=str(admin.path)).code == 0
    assert admin.received == [line], "a server that does not serve has no clients"


def test_drain_uses_configured_server_name(site: Site, admin: Admin) -> None:
    site.serve()
    words = {"haproxy_socket": str(admin.path), "haproxy_server": "sql/db-{node}"}
    assert site.do("node1", "stop", **words).code == 0
    assert admin.received[0].startswith("set server sql/db-node1 health down;")


def test_stop_haproxy_failure_is_ignored(site: Site, admin: Admin) -> None:
    site.serve()
    assert site.do("node1", "stop", haproxy_socket="/nonexistent/admin.sock").code == 0
    admin.answer = b"No such server.\n"
    assert site.do("node2", "stop", haproxy_socket=str(admin.path)).code == 0
    assert [site.nodes[name].runs for name in ("node1", "node2")] == [False, False]
