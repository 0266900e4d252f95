"""The Nova API, used as an administrator through the virtual IP address, without code of pcs-os."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lab_cloud import LabCloud
from outage import token

from pacemaker_os.errors import TransportError

#: Nova 2.74 lets an administrator select the host of a new instance.
VERSIONS = {"compute": "compute 2.74", "placement": "placement 1.29", "image": ""}

PORTS = {"compute": 8774, "image": 9292, "placement": 8778}


class Refusal(Exception):
    """Nova rejected a request."""


class Nova:
    """A client of the Nova API. Callers retry with `until`."""

    def __init__(self, vip: str, password: str) -> None:
        self.vip, self.password = vip, password
        self.token = ""

    def request(self, method: str, path: str, body: Any = None, *, service: str = "compute") -> Any:
        """Return the response. Raises OSError and HTTPException without a response, Refusal for an error."""
        self.token = self.token or self.log_in()
        connection = http.client.HTTPConnection(self.vip, PORTS[service], timeout=60.0)
        headers = {"X-Auth-Token": self.token, "OpenStack-API-Version": VERSIONS[service]}
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {**headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status == 401:  # the token expired
            self.token = ""
        if response.status >= 400:
            raise Refusal(f"{method} {path}: {response.status} {text.decode()[:300]}")
        return json.loads(text) if text.strip() else None

    def log_in(self) -> str:
        """Return a token. Raises Refusal if the load balancer responds instead of Keystone."""
        try:
            return token(self.vip, self.password)
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(f"Keystone returned no token: {error}") from error

    def servers(self) -> list[dict[str, Any]]:
        """Return all instances."""
        found: list[dict[str, Any]] = self.request("GET", "/v2.1/servers/detail?all_tenants=1")["servers"]
        return found

    def server(self, uuid: str) -> dict[str, Any]:
        """Return an instance."""
        found: dict[str, Any] = self.request("GET", f"/v2.1/servers/{uuid}")["server"]
        return found

    def services(self) -> dict[str, dict[str, Any]]:
        """Return the compute services by host."""
        response = self.request("GET", "/v2.1/os-services?binary=nova-compute")
        return {each["host"]: each for each in response["services"]}

    def uses(self, host: str) -> bool:
        """Return whether Nova can schedule instances to a host."""
        service = self.services()[host]
        return (service["state"], service["status"], service["forced_down"]) == ("up", "enabled", False)

    def migrations(self) -> list[dict[str, Any]]:
        """Return all evacuation records."""
        response = self.request("GET", "/v2.1/os-migrations?migration_type=evacuation")
        return list(response["migrations"])

    def act(self, uuid: str, action: str, body: Any = None) -> None:
        """Run an action on an instance."""
        self.request("POST", f"/v2.1/servers/{uuid}/action", {action: body})

    def set_status(self, host: str, status: str) -> None:
        """Set the status of the compute service on a host: `enabled` or `disabled`."""
        self.request("PUT", f"/v2.1/os-services/{self.services()[host]['id']}", {"status": status})

    def create(
        self, host: str, count: int, *, flavor: str = "ha", group: str = "", **attributes: Any
    ) -> list[str]:
        """Create instances on a host, optionally in a server group; return their IDs when all are ACTIVE."""
        image = self.request("GET", "/v2/images", service="image")["images"][0]["id"]
        server = {
            "name": "ha",
            "flavorRef": self.flavor(flavor),
            "imageRef": image,
            "networks": "none",
            "host": host,
            "min_count": count,
            "max_count": count,
        }
        existing = {each["id"] for each in self.servers()}
        hints = {"os:scheduler_hints": {"group": group}} if group else {}
        self.request("POST", "/v2.1/servers", {"server": server | attributes, **hints})

        def created() -> list[str]:
            new = [each for each in self.servers() if each["id"] not in existing]
            assert not [each for each in new if each["status"] == "ERROR"]
            ready = [each["id"] for each in new if each["status"] == "ACTIVE"]
            return ready if len(ready) == count else []

        found: list[str] = until(created, 300.0)
        return found

    def flavor(self, name: str) -> str:
        """Return the ID of a flavor; create it, with minimal resources, if it does not exist."""
        for each in self.request("GET", "/v2.1/flavors")["flavors"]:
            if each["name"] == name:
                return str(each["id"])
        attributes = {"name": name, "vcpus": 1, "ram": 64, "disk": 0}
        return str(self.request("POST", "/v2.1/flavors", {"flavor": attributes})["flavor"]["id"])

    def restrict_to_host(self, flavor: str, host: str) -> None:
        """Make a host the only valid host for instances of a flavor."""
        trait = f"CUSTOM_{host.upper()}"
        self.request("PUT", f"/traits/{trait}", service="placement")
        (each,) = self.request("GET", f"/resource_providers?name={host}", service="placement")[
            "resource_providers"
        ]
        path = f"/resource_providers/{each['uuid']}/traits"
        current = self.request("GET", path, service="placement")
        update = {
            "resource_provider_generation": current["resource_provider_generation"],
            "traits": sorted({*current["traits"], trait}),
        }
        self.request("PUT", path, update, service="placement")
        specs = {"extra_specs": {f"trait:{trait}": "required"}}
        self.request("POST", f"/v2.1/flavors/{self.flavor(flavor)}/os-extra_specs", specs)

    def delete(self, uuid: str) -> None:
        """Delete an instance."""
        self.request("DELETE", f"/v2.1/servers/{uuid}")

    def delete_all(self) -> None:
        """Delete all instances. Some of them may be in deletion already."""
        for each in self.servers():
            with suppress(Refusal):
                self.delete(each["id"])
        until(lambda: not self.servers(), 300.0)


def ready(cloud: LabCloud) -> Nova:
    """Return a client for the cloud; provide an image and a sufficient quota."""
    found = Nova(cloud.vip, cloud.password)
    cloud.openstack("quota set --instances 200 --cores 200 --ram 1000000 admin")
    if not found.request("GET", "/v2/images", service="image")["images"]:
        cloud.openstack("image create --disk-format raw --container-format bare probe", stdin=bytes(65536))
    return found


def until(condition: Callable[[], Any], timeout: float, *, interval: float = 1.0) -> Any:
    """Return the value of a condition as soon as it is true. Nova and nodes may be unreachable meanwhile.

    Raises AssertionError after `timeout` seconds.
    """
    end, last_error = time.monotonic() + timeout, ""
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except (OSError, http.client.HTTPException, Refusal, TransportError) as error:
            last_error = f"{type(error).__name__}: {error}"
        time.sleep(interval)
    raise AssertionError(f"timed out after {timeout:.0f} s; {last_error}")
