"""The identity program against a small keystone of our own: it makes what is missing, and only that."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.transport.local import LocalTransport


class Keystone(BaseHTTPRequestHandler):
    """Holds domains, projects, roles, users, services and endpoints by their ids."""

    things: dict[str, dict[str, Any]]
    granted: set[str]
    asked: list[str]

    def do_GET(self) -> None:
        path, _, query = self.path.removeprefix("/v3").partition("?")
        if path.endswith("/roles") and path != "/roles":
            found = [role for role in self.things["roles"].values() if f"{path}/{role['id']}" in self.granted]
            self.answer(200, {"roles": found})
            return
        kind = path.strip("/")
        wanted = [word.split("=") for word in query.split("&") if word]
        everything = self.things[kind].values()
        self.answer(200, {kind: [each for each in everything if all(each.get(k) == v for k, v in wanted)]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v3/auth/tokens":
            user = body["auth"]["identity"]["password"]["user"]
            known = {each["name"]: each["password"] for each in self.things["users"].values()}
            good = known.get(user["name"]) == user["password"]
            self.answer(201 if good else 401, {}, token="token" if good else "")
            return
        kind = self.path.removeprefix("/v3/")
        (said,) = body.values()
        thing = {**said, "id": f"{kind}-{len(self.things[kind])}"}
        self.things[kind][thing["id"]] = thing
        self.asked.append(f"POST {kind}")
        self.answer(201, {kind.removesuffix("s"): thing})

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, _, name = self.path.removeprefix("/v3/").partition("/")
        (said,) = body.values()
        self.things[kind][name] |= said
        self.asked.append(f"PATCH {kind}")
        self.answer(200, {})

    def do_PUT(self) -> None:
        self.granted.add(self.path.removeprefix("/v3"))
        self.asked.append("PUT role")
        self.answer(204, None)

    def answer(self, status: int, body: object, token: str = "") -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if token:
            self.send_header("X-Subject-Token", token)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def keystone() -> Iterator[tuple[str, type[Keystone]]]:
    """A keystone as `keystone-manage bootstrap` leaves it, and its address."""
    handler = type("Handler", (Keystone,), {"granted": set(), "asked": []})
    handler.things = {
        "domains": {"default": {"id": "default", "name": "Default"}},
        "projects": {"p0": {"id": "p0", "name": "admin", "domain_id": "default"}},
        "roles": {"r0": {"id": "r0", "name": "admin"}},
        "users": {"u0": {"id": "u0", "name": "admin", "domain_id": "default", "password": "right"}},
        "services": {},
        "endpoints": {},
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v3", handler
    server.shutdown()
    thread.join()
    server.server_close()


def wanted(url: str, **changed: object) -> dict[str, object]:
    glance = {
        "name": "glance",
        "password": "g",
        "domain": "Default",
        "project": "service",
        "roles": ["admin"],
    }
    heat = {"name": "heat_admin", "password": "h", "domain": "heat", "project": "", "roles": ["admin"]}
    endpoint = {
        "service": "glance",
        "type": "image",
        "description": "Images",
        "url": "http://192.0.2.10:9292",
    }
    said: dict[str, object] = {
        "auth_url": url,
        "ca": "",
        "password": "right",
        "region": "RegionOne",
        "domains": ["heat"],
        "projects": ["service"],
        "roles": ["heat_stack_owner"],
        "users": [glance, heat],
        "endpoints": [endpoint],
    }
    return said | changed


def ensure(argument: dict[str, object]) -> list[str]:
    changed: list[str] = run_program(LocalTransport(), "identity", argument)["changed"]
    return changed


def test_what_is_missing_is_made_and_a_second_run_changes_nothing(
    keystone: tuple[str, type[Keystone]],
) -> None:
    url, there = keystone
    assert ensure(wanted(url)) == [
        "domain heat",
        "project service",
        "role heat_stack_owner",
        "user glance",
        "role admin of user glance",
        "user heat_admin",
        "role admin of user heat_admin",
        "service glance",
        "public endpoint of glance",
        "internal endpoint of glance",
        "admin endpoint of glance",
    ]
    there.asked.clear()
    assert ensure(wanted(url)) == []
    assert there.asked == []


def test_a_changed_password_and_a_changed_address_are_set(keystone: tuple[str, type[Keystone]]) -> None:
    url, there = keystone
    argument = wanted(url)
    ensure(argument)
    argument["users"][0]["password"] = "new"  # type: ignore[index]  # a list of users, as above
    argument["endpoints"][0]["url"] = "http://192.0.2.9:9292"  # type: ignore[index]  # likewise
    assert ensure(argument) == [
        "password of user glance",
        "public endpoint of glance",
        "internal endpoint of glance",
        "admin endpoint of glance",
    ]
    assert {each["url"] for each in there.things["endpoints"].values()} == {"http://192.0.2.9:9292"}


def test_a_wrong_password_of_the_administrator_is_told(keystone: tuple[str, type[Keystone]]) -> None:
    url, _ = keystone
    with pytest.raises(CommandFailed) as failed:
        ensure(wanted(url, password="wrong"))
    assert "does not accept the password of 'admin'" in failed.value.stderr
    assert "Traceback" not in failed.value.stderr
