"""The identity program against a minimal Keystone API."""

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
    """Domains, projects, roles, users, services and endpoints by their IDs."""

    objects: dict[str, dict[str, Any]]
    granted: set[str]
    requests: list[str]

    def do_GET(self) -> None:
        path, _, query = self.path.removeprefix("/v3").partition("?")
        if path.endswith("/roles") and path != "/roles":
            found = [
                role for role in self.objects["roles"].values() if f"{path}/{role['id']}" in self.granted
            ]
            self.respond(200, {"roles": found})
            return
        kind = path.strip("/")
        filters = [part.split("=") for part in query.split("&") if part]
        objects = self.objects[kind].values()
        self.respond(200, {kind: [each for each in objects if all(each.get(k) == v for k, v in filters)]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v3/auth/tokens":
            user = body["auth"]["identity"]["password"]["user"]
            passwords = {each["name"]: each["password"] for each in self.objects["users"].values()}
            accepted = passwords.get(user["name"]) == user["password"]
            self.respond(201 if accepted else 401, {}, token="token" if accepted else "")
            return
        kind = self.path.removeprefix("/v3/")
        (attributes,) = body.values()
        created = {**attributes, "id": f"{kind}-{len(self.objects[kind])}"}
        self.objects[kind][created["id"]] = created
        self.requests.append(f"POST {kind}")
        self.respond(201, {kind.removesuffix("s"): created})

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind, _, name = self.path.removeprefix("/v3/").partition("/")
        (attributes,) = body.values()
        self.objects[kind][name] |= attributes
        self.requests.append(f"PATCH {kind}")
        self.respond(200, {})

    def do_PUT(self) -> None:
        self.granted.add(self.path.removeprefix("/v3"))
        self.requests.append("PUT role")
        self.respond(204, None)

    def respond(self, status: int, body: object, token: str = "") -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if token:
            self.send_header("X-Subject-Token", token)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Suppress the access log."""


@pytest.fixture
def keystone() -> Iterator[tuple[str, type[Keystone]]]:
    """A Keystone in the state after `keystone-manage bootstrap`, and its URL."""
    handler = type("Handler", (Keystone,), {"granted": set(), "requests": []})
    handler.objects = {
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


def desired(url: str, **changed: object) -> dict[str, object]:
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
    attributes: dict[str, object] = {
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
    return attributes | changed


def ensure(argument: dict[str, object]) -> list[str]:
    changed: list[str] = run_program(LocalTransport(), "identity", argument)["changed"]
    return changed


def test_identity_creates_missing_objects_and_second_run_changes_nothing(
    keystone: tuple[str, type[Keystone]],
) -> None:
    url, server = keystone
    assert ensure(desired(url)) == [
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
    server.requests.clear()
    assert ensure(desired(url)) == []
    assert server.requests == []


def test_identity_updates_changed_password_and_url(keystone: tuple[str, type[Keystone]]) -> None:
    url, server = keystone
    argument = desired(url)
    ensure(argument)
    argument["users"][0]["password"] = "new"  # type: ignore[index]  # a list of users, as above
    argument["endpoints"][0]["url"] = "http://192.0.2.9:9292"  # type: ignore[index]  # likewise
    assert ensure(argument) == [
        "password of user glance",
        "public endpoint of glance",
        "internal endpoint of glance",
        "admin endpoint of glance",
    ]
    assert {each["url"] for each in server.objects["endpoints"].values()} == {"http://192.0.2.9:9292"}


def test_identity_reports_wrong_administrator_password(keystone: tuple[str, type[Keystone]]) -> None:
    url, _ = keystone
    with pytest.raises(CommandFailed) as failed:
        ensure(desired(url, password="wrong"))
    assert "rejects the password of user 'admin'" in failed.value.stderr
    assert "Traceback" not in failed.value.stderr
