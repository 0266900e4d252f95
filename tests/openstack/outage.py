"""A client that asks an API again and again, and the longest time that it went without an answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field

#: Seconds between two questions, and until an answer is given up.
PACE, PATIENCE = 0.25, 10.0

#: What is asked of each API, with a token; every answer needs the database.
QUESTIONS = {
    "keystone": (5000, "/v3/users"),
    "glance": (9292, "/v2/images"),
    "nova": (8774, "/v2.1/servers"),
    "neutron": (9696, "/v2.0/networks"),
}


def token(vip: str, password: str) -> str:
    """Return a token of the administrator."""
    user = {"name": "admin", "domain": {"name": "Default"}, "password": password}
    scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = json.dumps({"auth": {"identity": identity, "scope": scope}})
    connection = http.client.HTTPConnection(vip, 5000, timeout=PATIENCE)
    connection.request("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
    return connection.getresponse().headers["X-Subject-Token"]


@dataclass
class Client:
    """Asks one API in a thread of its own; `gap` is the longest time between two good answers, in seconds."""

    vip: str
    api: str
    token: str
    gap: float = 0.0
    answers: int = 0
    last: float = field(default_factory=time.monotonic)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> bool:
        """Whether the API answers as it should."""
        port, path = QUESTIONS[self.api]
        connection = http.client.HTTPConnection(self.vip, port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"X-Auth-Token": self.token})
            response = connection.getresponse()
            response.read()
            return response.status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def run(self) -> None:
        """Ask until stopped."""
        while not self.stopped.wait(PACE):
            if self.ask():
                now = time.monotonic()
                self.gap, self.last = max(self.gap, now - self.last), now
                self.answers += 1


class Clients:
    """A client of each API, from `with` until its end; `gaps` are their longest times without an answer."""

    def __init__(self, vip: str, password: str) -> None:
        word = token(vip, password)
        self.clients = [Client(vip, api, word) for api in QUESTIONS]
        self.threads = [threading.Thread(target=client.run) for client in self.clients]

    def __enter__(self) -> Clients:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            client.stopped.set()
        for thread in self.threads:
            thread.join()

    @property
    def gaps(self) -> dict[str, float]:
        return {client.api: max(client.gap, time.monotonic() - client.last) for client in self.clients}

    def all_answer(self) -> bool:
        """Whether every API gives an answer now."""
        return all(client.ask() for client in self.clients)
