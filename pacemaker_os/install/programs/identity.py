"""Runs on a controller: creates users, projects, roles and endpoints through the Keystone API.

Correct objects are not changed; a password is tried before it is set. Prints the changes.
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

#: Timeout for Keystone to respond, and interval between two attempts, in seconds.
TIMEOUT, RETRY_INTERVAL = 240.0, 1.0

#: HTTP statuses of a service that is not ready yet.
NOT_READY = (500, 502, 503, 504)


def main(desired: dict[str, Any]) -> None:
    """Create what is missing, correct what differs, and print the changes."""
    print(json.dumps({"changed": Keystone(desired).ensure()}))


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: Message
    data: bytes


class Keystone:
    """The identity service, used as its administrator."""

    def __init__(self, desired: dict[str, Any]) -> None:
        self.desired = desired
        self.url = desired["auth_url"]
        self.changed: list[str] = []
        self.token = self.log_in()

    def ensure(self) -> list[str]:
        """Create what is missing, correct what differs, and return the changes."""
        domains = self.by_name("domains")
        for name in self.desired["domains"]:
            self.ensure_named("domain", name, domains, {"name": name})
        domains["Default"] = domains.get("Default") or {"id": "default"}
        projects = self.by_name("projects", "?domain_id=" + domains["Default"]["id"])
        for name in self.desired["projects"]:
            attributes = {"name": name, "domain_id": domains["Default"]["id"]}
            self.ensure_named("project", name, projects, attributes)
        roles = self.by_name("roles")
        for name in self.desired["roles"]:
            self.ensure_named("role", name, roles, {"name": name})
        for user in self.desired["users"]:
            self.ensure_user(user, domains, projects, roles)
        self.ensure_endpoints()
        return self.changed

    def ensure_named(
        self, kind: str, name: str, existing: dict[str, Any], attributes: dict[str, Any]
    ) -> None:
        """Create a missing domain, project or role, and add it to `existing`."""
        if name not in existing:
            existing[name] = self.call("POST", f"/{kind}s", {kind: attributes})[kind]
            self.changed.append(f"{kind} {name}")

    def ensure_user(
        self, user: dict[str, Any], domains: dict[str, Any], projects: dict[str, Any], roles: dict[str, Any]
    ) -> None:
        """Create a user with its password and its roles, or correct them."""
        domain = domains[user["domain"]]["id"]
        found = self.call("GET", f"/users?domain_id={domain}&name={user['name']}")["users"]
        if not found:
            attributes = {"name": user["name"], "domain_id": domain, "password": user["password"]}
            found = [self.call("POST", "/users", {"user": attributes})["user"]]
            self.changed.append(f"user {user['name']}")
        elif not self.accepts(user["name"], user["domain"], user["password"]):
            self.call("PATCH", f"/users/{found[0]['id']}", {"user": {"password": user["password"]}})
            self.changed.append(f"password of user {user['name']}")
        scope = f"/projects/{projects[user['project']]['id']}" if user["project"] else f"/domains/{domain}"
        path = f"{scope}/users/{found[0]['id']}/roles"
        assigned = {role["id"] for role in self.call("GET", path)["roles"]}
        for name in user["roles"]:
            if roles[name]["id"] not in assigned:
                self.call("PUT", f"{path}/{roles[name]['id']}")
                self.changed.append(f"role {name} of user {user['name']}")

    def ensure_endpoints(self) -> None:
        """Create services and their public, internal and admin endpoints, or correct the URLs."""
        services = {each["type"]: each for each in self.call("GET", "/services")["services"]}
        listed = self.call("GET", "/endpoints")["endpoints"]
        existing = {(each["service_id"], each["interface"], each["region_id"]): each for each in listed}
        region = self.desired["region"]
        for each in self.desired["endpoints"]:
            service = services.get(each["type"])
            if service is None:
                attributes = {
                    "name": each["service"],
                    "type": each["type"],
                    "description": each["description"],
                }
                service = self.call("POST", "/services", {"service": attributes})["service"]
                self.changed.append(f"service {each['service']}")
            for interface in ("public", "internal", "admin"):
                endpoint = existing.get((service["id"], interface, region))
                attributes = {"interface": interface, "url": each["url"]}
                if endpoint is None:
                    attributes |= {"service_id": service["id"], "region_id": region}
                    self.call("POST", "/endpoints", {"endpoint": attributes})
                elif endpoint["url"] != each["url"]:
                    self.call("PATCH", f"/endpoints/{endpoint['id']}", {"endpoint": attributes})
                else:
                    continue
                self.changed.append(f"{interface} endpoint of {each['service']}")

    def by_name(self, kind: str, query: str = "") -> dict[str, Any]:
        """Return all objects of a kind, by name."""
        return {each["name"]: each for each in self.call("GET", f"/{kind}{query}")[kind]}

    def accepts(self, name: str, domain: str, password: str) -> bool:
        """Return whether a user can log in with a password."""
        return bool(self.token_of(name, domain, password))

    def log_in(self) -> str:
        """Return the administrator's token."""
        token = self.token_of("admin", "Default", self.desired["password"], project="admin")
        if not token:
            raise SystemExit(f"{self.url} rejects the password of user 'admin' from the secrets file")
        return token

    def token_of(self, name: str, domain: str, password: str, *, project: str = "") -> str:
        """Return a token, unscoped or for a project; an empty text if the password is wrong."""
        user = {"name": name, "domain": {"name": domain}, "password": password}
        auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
        auth["scope"] = (
            {"project": {"name": project, "domain": {"name": "Default"}}} if project else "unscoped"
        )
        response = self.request("POST", "/auth/tokens", {"auth": auth}, {}, accepted=(201, 401))
        return str(response.headers["X-Subject-Token"]) if response.status == 201 else ""

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request as the administrator and return the response."""
        headers = {"X-Auth-Token": self.token}
        data = self.request(method, path, body, headers, accepted=(200, 201, 204)).data
        found: dict[str, Any] = json.loads(data) if data else {}
        return found

    def request(
        self, method: str, path: str, body: object, headers: dict[str, str], *, accepted: tuple[int, ...]
    ) -> Response:
        """Send a request. Retry while the service is not ready, until the timeout."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                response = self.send(method, path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                message, retry = f"cannot connect to {self.url}: {error}", True
            else:
                if response.status in accepted:
                    return response
                text = response.data.decode("utf-8", "replace")[:500]
                message = f"{method} {path} failed with HTTP status {response.status}: {text}"
                retry = response.status in NOT_READY
            if not retry or time.monotonic() > deadline:
                raise SystemExit(message)
            time.sleep(RETRY_INTERVAL)

    def send(self, method: str, path: str, body: object, headers: dict[str, str]) -> Response:
        """Send a request over a new connection."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            trusted = ssl.create_default_context(cafile=self.desired["ca"] or None)
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
            return Response(response.status, response.headers, response.read())
