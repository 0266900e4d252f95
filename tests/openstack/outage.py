"""Clients that ask APIs again and again: the longest time that each went without an answer; and one that
writes: whether all is there that it was told is kept."""

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

#: Seconds between two questions, until an answer is given up, and until a connection is: a little more than
#: the kernel waits before its third attempt, as clients of HTTP are advised to.
PACE, PATIENCE, CONNECTING = 0.5, 10.0, 3.05

#: How many answers of an API it takes until each of three hosts has given some.
WARM = 12

#: What is asked of each API, with a token; every answer needs the database.
QUESTIONS = {
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

#: Where the client that writes does so, and how long it waits for an answer: longer than one that asks, as
#: what was written without an answer is neither kept nor lost.
IMAGES, WRITING = "/v2/images", 60.0


def token(vip: str, password: str) -> str:
    """Return a token of the administrator."""
    return log_in(vip, password)[0]


def log_in(vip: str, password: str) -> tuple[str, str]:
    """Return a token of the administrator, and the project's number."""
    user = {"name": "admin", "domain": {"name": "Default"}, "password": password}
    scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = json.dumps({"auth": {"identity": identity, "scope": scope}})
    connection = http.client.HTTPConnection(vip, 5000, timeout=PATIENCE)
    connection.request("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.headers["X-Subject-Token"], json.loads(answer.read())["token"]["project"]["id"]


@dataclass
class Repeated(ABC):
    """Does the same again and again in a thread of its own, from `with` until its end; `pace` in seconds."""

    pace: float = field(default=PACE, kw_only=True)
    stopped: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.run)

    @abstractmethod
    def once(self) -> None:
        """What is done."""

    def run(self) -> None:
        while not self.stopped.wait(self.pace):
            self.once()

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()


@dataclass
class Visitor(Repeated):
    """Asks the same; afterwards `gap` is the longest time between two good answers, in seconds.

    `began` is when that was, in seconds since the first question, and `good` how many answers were.
    """

    gap: float = field(default=0.0, init=False)
    began: float = field(default=0.0, init=False)
    good: int = field(default=0, init=False)
    first: float = field(default_factory=time.monotonic, init=False)
    last: float = field(default_factory=time.monotonic, init=False)

    @abstractmethod
    def ask(self) -> bool:
        """Whether the answer is as it should be."""

    def once(self) -> None:
        if self.ask():
            self.good += 1
            self.answered()

    def answered(self) -> None:
        """End the time without an answer."""
        now = time.monotonic()
        if now - self.last > self.gap:
            self.gap, self.began = now - self.last, self.last - self.first
        self.last = now

    def begin(self) -> None:
        """Forget the times until now."""
        self.gap, self.last = 0.0, time.monotonic()

    def run(self) -> None:
        super().run()
        self.answered()


def answers(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> bool:
    """Whether a server has what is asked for; the connection is closed."""
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
class Client(Visitor):
    """Asks one API."""

    vip: str
    api: str
    token: str
    project: str

    def ask(self) -> bool:
        port, path = QUESTIONS[self.api]
        connection = http.client.HTTPConnection(self.vip, port, timeout=CONNECTING)
        try:
            connection.connect()
        except OSError:
            return False
        connection.sock.settimeout(PATIENCE)
        return answers(connection, path.format(project=self.project), {"X-Auth-Token": self.token})


@dataclass
class Writer(Repeated):
    """Makes records of images; `kept` are those of which it was told that they are."""

    vip: str
    token: str
    kept: list[str] = field(default_factory=list, init=False)

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.vip, QUESTIONS["glance"][0], timeout=WRITING)
        try:
            headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def once(self) -> None:
        try:
            status, said = self.ask("POST", IMAGES, json.dumps({"name": "written"}))
        except (OSError, http.client.HTTPException):
            return
        if status == 201:
            self.kept.append(json.loads(said)["id"])

    def lost(self) -> list[str]:
        """What is not there although it was kept; everything else is taken away."""
        return [number for number in self.kept if self.ask("DELETE", f"{IMAGES}/{number}")[0] != 204]


class Clients:
    """A client of each API that there is, and one that writes, from `with` until its end.

    `gaps` are then their longest times without an answer.
    """

    def __init__(self, vip: str, password: str, services: Container[str]) -> None:
        word, project = log_in(vip, password)
        self.clients = [Client(vip, api, word, project) for api in QUESTIONS if api in services]
        self.writer = Writer(vip, word, pace=4 * PACE)
        self.together = ExitStack()

    def __enter__(self) -> Self:
        for each in (*self.clients, self.writer):
            self.together.enter_context(each)
        return self

    def __exit__(self, *_: object) -> None:
        for each in (*self.clients, self.writer):
            each.stopped.set()
        self.together.close()

    @property
    def gaps(self) -> dict[str, float]:
        return {client.api: client.gap for client in self.clients}

    @property
    def said(self) -> str:
        """The longest times without an answer until now, and when they began, in seconds."""
        return ", ".join(f"{each.api} {each.gap:.1f} (at {each.began:.0f})" for each in self.clients)

    def warm(self) -> bool:
        """Whether each host of every API has been asked, as in any cloud that is used."""
        return all(client.good >= WARM for client in self.clients)

    def begin(self) -> None:
        """Forget the times until now: the first answers of a process take their time in any cloud."""
        for each in self.clients:
            each.begin()

    def all_answer(self) -> bool:
        """Whether every API gives an answer now."""
        return all(client.ask() for client in self.clients)
