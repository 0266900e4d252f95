"""Runs on a controller: ensures users, projects, roles and endpoints through keystone's own API.

What is right is left alone; a password is tried before it is set. Prints what was changed.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import time
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

#: Seconds that the service may take until it answers, and between two attempts.
PATIENCE, PAUSE = 240.0, 1.0

#: Statuses that mean: not yet.
NOT_YET = (500, 502, 503, 504)


def main(wanted: dict[str, Any]) -> None:
    """Ensure what is wanted, and print what was changed."""
    print(json.dumps({"changed": Keystone(wanted).ensure()}))


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    data: bytes


class Keystone:
    """The identity service, as its administrator sees it."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.wanted = wanted
        self.url = wanted["auth_url"]
        self.changed: list[str] = []
        self.token = self.log_in()

    def ensure(self) -> list[str]:
        """Make everything as wanted; return what was changed."""
        domains = self.by_name("domains")
        for name in self.wanted["domains"]:
            self.ensure_named("domain", name, domains, {"name": name})
        domains["Default"] = domains.get("Default") or {"id": "default"}
        projects = self.by_name("projects", "?domain_id=" + domains["Default"]["id"])
        for name in self.wanted["projects"]:
            said = {"name": name, "domain_id": domains["Default"]["id"]}
            self.ensure_named("project", name, projects, said)
        roles = self.by_name("roles")
        for name in self.wanted["roles"]:
            self.ensure_named("role", name, roles, {"name": name})
        for user in self.wanted["users"]:
            self.ensure_user(user, domains, projects, roles)
        self.ensure_endpoints()
        return self.changed

    def ensure_named(self, kind: str, name: str, known: dict[str, Any], said: dict[str, Any]) -> None:
        """Make a domain, project or role that there is not."""
        if name not in known:
            known[name] = self.call("POST", f"/{kind}s", {kind: said})[kind]
            self.changed.append(f"{kind} {name}")

    def ensure_user(
        self, user: dict[str, Any], domains: dict[str, Any], projects: dict[str, Any], roles: dict[str, Any]
    ) -> None:
        """Make a user with its password and its roles."""
        domain = domains[user["domain"]]["id"]
        found = self.call("GET", f"/users?domain_id={domain}&name={user['name']}")["users"]
        said = {"name": user["name"], "domain_id": domain, "password": user["password"]}
        if not found:
            found = [self.call("POST", "/users", {"user": said})["user"]]
            self.changed.append(f"user {user['name']}")
        elif not self.knows(user["name"], user["domain"], user["password"]):
            self.call("PATCH", f"/users/{found[0]['id']}", {"user": {"password": user["password"]}})
            self.changed.append(f"password of user {user['name']}")
        who = f"/users/{found[0]['id']}/roles"
        where = f"/projects/{projects[user['project']]['id']}" if user["project"] else f"/domains/{domain}"
        there = {role["id"] for role in self.call("GET", f"{where}{who}")["roles"]}
        for name in user["roles"]:
            if roles[name]["id"] not in there:
                self.call("PUT", f"{where}{who}/{roles[name]['id']}")
                self.changed.append(f"role {name} of user {user['name']}")

    def ensure_endpoints(self) -> None:
        """Make services and their public, internal and admin endpoints."""
        services = {each["type"]: each for each in self.call("GET", "/services")["services"]}
        listed = self.call("GET", "/endpoints")["endpoints"]
        there = {(each["service_id"], each["interface"], each["region_id"]): each for each in listed}
        region = self.wanted["region"]
        for each in self.wanted["endpoints"]:
            service = services.get(each["type"])
            if service is None:
                said = {"name": each["service"], "type": each["type"], "description": each["description"]}
                service = self.call("POST", "/services", {"service": said})["service"]
                self.changed.append(f"service {each['service']}")
            for interface in ("public", "internal", "admin"):
                known = there.get((service["id"], interface, region))
                said = {"interface": interface, "url": each["url"]}
                if known is None:
                    said |= {"service_id": service["id"], "region_id": region}
                    self.call("POST", "/endpoints", {"endpoint": said})
                elif known["url"] != each["url"]:
                    self.call("PATCH", f"/endpoints/{known['id']}", {"endpoint": said})
                else:
                    continue
                self.changed.append(f"{interface} endpoint of {each['service']}")

    def by_name(self, kind: str, query: str = "") -> dict[str, Any]:
        """Everything of a kind, by name."""
        return {each["name"]: each for each in self.call("GET", f"/{kind}{query}")[kind]}

    def knows(self, name: str, domain: str, password: str) -> bool:
        """Whether a user can log in with a password."""
        return bool(self.token_of(name, domain, password))

    def log_in(self) -> str:
        """Return the administrator's token."""
        token = self.token_of("admin", "Default", self.wanted["password"], project="admin")
        if not token:
            raise SystemExit(f"{self.url} does not accept the password of 'admin' from the file of secrets")
        return token

    def token_of(self, name: str, domain: str, password: str, *, project: str = "") -> str:
        """Return a token, for a project if that is said; empty when the password is wrong."""
        user = {"name": name, "domain": {"name": domain}, "password": password}
        auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
        auth["scope"] = (
            {"project": {"name": project, "domain": {"name": "Default"}}} if project else "unscoped"
        )
        answer = self.ask("POST", "/auth/tokens", {"auth": auth}, {}, accepted=(201, 401))
        return str(answer.headers["X-Subject-Token"]) if answer.status == 201 else ""

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask the service as the administrator and return what it answers."""
        data = self.ask(method, path, body, {"X-Auth-Token": self.token}, accepted=(200, 201, 204)).data
        found: dict[str, Any] = json.loads(data) if data else {}
        return found

    def ask(
        self, method: str, path: str, body: object, headers: dict[str, str], *, accepted: tuple[int, ...]
    ) -> Answer:
        """Send a request; one that finds nobody yet is sent again for a while."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.send(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                said, again = f"{self.url} does not answer: {error}", True
            else:
                if answer.status in accepted:
                    return answer
                text = answer.data.decode("utf-8", "replace")[:500]
                said, again = f"{method} {path}: status {answer.status}: {text}", answer.status in NOT_YET
            if not again or time.monotonic() > deadline:
                raise SystemExit(said)
            time.sleep(PAUSE)

    def send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Answer:
        """Send a request over a connection of its own."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cafile=self.wanted["ca"] or None)
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.netloc, timeout=60, context=trusted
            )
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        with contextlib.closing(connection):
            data = None if body is None else json.dumps(body).encode()
            connection.request(
                method, parts.path + path, data, {"Content-Type": "application/json", **headers}
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
