"""Clients that poll APIs and measure the longest time without a response, and one that writes and checks that
acknowledged data exists."""

from __future__ import annotations

import http.client
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Container, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

#: Seconds between two requests, until a response times out, and until a connection does. The last is a little
#: longer than the kernel waits before its third attempt, as recommended for HTTP clients.
INTERVAL, TIMEOUT, CONNECT_TIMEOUT = 0.5, 10.0, 3.05

#: Number of responses of an API after which each of three hosts has responded.
WARM = 12

#: Request to each API, with a token. All responses need the database.
REQUESTS = {
    "keystone": (5000, "/v3/users"),
    "glance": (9292, "/v2/images"),
    "nova": (8774, "/v2.1/servers"),
    "neutron": (9696, "/v2.0/networks"),
    "placement": (8778, "/resource_providers"),
    "cinder": (8776, "/v3/{project}/volumes"),
    "heat": (8004, "/v1/{project}/stacks"),
    "swift": (8080, "/v1/AUTH_{project}?format=json"),
    "gnocchi": (8041, "/v1/archive_policy"),
    "aodh": (8042, "/v2/alarms"),
}

#: Path of the writing client, and its timeout in seconds. It is longer than the others, because a write that
#: gets no response counts neither as acknowledged nor as lost.
IMAGES, WRITE_TIMEOUT = "/v2/images", 60.0


def token(vip: str, password: str) -> str:
    """Return a token of the administrator."""
    return log_in(vip, password)[0]


def log_in(vip: str, password: str) -> tuple[str, str]:
    """Return a token of the administrator, and the ID of its project."""
    user = {"name": "admin", "domain": {"name": "Default"}, "password": password}
    scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = json.dumps({"auth": {"identity": identity, "scope": scope}})
    connection = http.client.HTTPConnection(vip, 5000, timeout=TIMEOUT)
    connection.request("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.headers["X-Subject-Token"], json.loads(response.read())["token"]["project"]["id"]


@dataclass
class RepeatedTask(ABC):
    """A task that runs every `interval` seconds in its own thread, as a context manager."""

    interval: float = field(default=INTERVAL, kw_only=True)
    stopped: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.run)

    @abstractmethod
    def once(self) -> None:
        """Run the task once."""

    def run(self) -> None:
        while not self.stopped.wait(self.interval):
            self.once()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()


@dataclass
class Poller(RepeatedTask):
    """Repeats a request; `gap` is the longest time between two successful responses, in seconds.

    `gap_start` is the start of that time, in seconds since the first request. `successes` counts responses.
    """

    gap: float = field(default=0.0, init=False)
    gap_start: float = field(default=0.0, init=False)
    successes: int = field(default=0, init=False)
    first: float = field(default_factory=time.monotonic, init=False)
    last: float = field(default_factory=time.monotonic, init=False)

    @abstractmethod
    def request(self) -> bool:
        """Return whether the request succeeded."""

    def once(self) -> None:
        if self.request():
            self.successes += 1
            self.record_success()

    def record_success(self) -> None:
        """End the time without a response."""
        now = time.monotonic()
        if now - self.last > self.gap:
            self.gap, self.gap_start = now - self.last, self.last - self.first
        self.last = now

    def reset(self) -> None:
        """Discard the measurements so far."""
        self.gap, self.last = 0.0, time.monotonic()

    def run(self) -> None:
        super().run()
        self.record_success()


def responds(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> bool:
    """Return whether a server responds with status 200; close the connection."""
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        response.read()
        return response.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass
class Client(Poller):
    """Polls an API."""

    vip: str
    api: str
    token: str
    project: str

    def request(self) -> bool:
        port, path = REQUESTS[self.api]
        connection = http.client.HTTPConnection(self.vip, port, timeout=CONNECT_TIMEOUT)
        try:
            connection.connect()
        except OSError:
            return False
        connection.sock.settimeout(TIMEOUT)
        return responds(connection, path.format(project=self.project), {"X-Auth-Token": self.token})


@dataclass
class Writer(RepeatedTask):
    """Creates image records; `acknowledged` are those with a successful response."""

    vip: str
    token: str
    acknowledged: list[str] = field(default_factory=list, init=False)

    def request(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.vip, REQUESTS["glance"][0], timeout=WRITE_TIMEOUT)
        try:
            headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def once(self) -> None:
        try:
            status, body = self.request("POST", IMAGES, json.dumps({"name": "written"}))
        except (OSError, http.client.HTTPException):
            return
        if status == 201:
            self.acknowledged.append(json.loads(body)["id"])

    def lost(self) -> list[str]:
        """Return acknowledged records that do not exist; delete all others."""
        return [uuid for uuid in self.acknowledged if self.request("DELETE", f"{IMAGES}/{uuid}")[0] != 204]


class Clients:
    """A polling client of each deployed API, and a writing one, as a context manager.

    `gaps` are the longest times without a response.
    """

    def __init__(self, vip: str, password: str, services: Container[str]) -> None:
        token, project = log_in(vip, password)
        self.clients = [Client(vip, api, token, project) for api in REQUESTS if api in services]
        self.writer = Writer(vip, token, interval=4 * INTERVAL)
        self.stack = ExitStack()

    def __enter__(self) -> Self:
        for each in (*self.clients, self.writer):
            self.stack.enter_context(each)
        return self

    def __exit__(self, *_: object) -> None:
        for each in (*self.clients, self.writer):
            each.stopped.set()
        self.stack.close()

    @property
    def gaps(self) -> dict[str, float]:
        return {client.api: client.gap for client in self.clients}

    @property
    def summary(self) -> str:
        """The longest times without a response so far, and their start, in seconds."""
        return ", ".join(f"{each.api} {each.gap:.1f} (at {each.gap_start:.0f})" for each in self.clients)

    def warm(self) -> bool:
        """Return whether each host of each API has responded, as in a cloud in use."""
        return all(client.successes >= WARM for client in self.clients)

    def reset(self) -> None:
        """Discard the measurements so far, because the first responses of a process are slow."""
        for each in self.clients:
            each.reset()

    def all_respond(self) -> bool:
        """Return whether all APIs respond now."""
        return all(client.request() for client in self.clients)
