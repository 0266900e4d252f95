"""Nova's API as an administrator uses it, through the virtual address, by none of the product's own code."""

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

#: Nova's 2.74 lets an administrator say on which host an instance is to be.
VERSIONS = {"compute": "compute 2.74", "placement": "placement 1.29", "image": ""}

PORTS = {"compute": 8774, "image": 9292, "placement": 8778}


class Refusal(Exception):
    """Nova does not do what it is asked for, or not now."""


class Nova:
    """Nova, asked again where it does not answer for a moment."""

    def __init__(self, vip: str, password: str) -> None:
        self.vip, self.password = vip, password
        self.word = ""

    def ask(self, method: str, path: str, body: Any = None, *, service: str = "compute") -> Any:
        """What Nova says. Raises OSError and HTTPException without an answer, Refusal for a no."""
        self.word = self.word or self.log_in()
        connection = http.client.HTTPConnection(self.vip, PORTS[service], timeout=60.0)
        headers = {"X-Auth-Token": self.word, "OpenStack-API-Version": VERSIONS[service]}
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status == 401:  # the token ran out
            self.word = ""
        if answer.status >= 400:
            raise Refusal(f"{method} {path}: {answer.status} {text.decode()[:300]}")
        return json.loads(text) if text.strip() else None

    def log_in(self) -> str:
        """A token. Raises Refusal where the load balancer answers in Keystone's place."""
        try:
            return token(self.vip, self.password)
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(f"Keystone gives no token: {error}") from error

    def servers(self) -> list[dict[str, Any]]:
        """Every instance."""
        found: list[dict[str, Any]] = self.ask("GET", "/v2.1/servers/detail?all_tenants=1")["servers"]
        return found

    def server(self, uuid: str) -> dict[str, Any]:
        """One instance."""
        found: dict[str, Any] = self.ask("GET", f"/v2.1/servers/{uuid}")["server"]
        return found

    def services(self) -> dict[str, dict[str, Any]]:
        """Each nova-compute by its host."""
        said = self.ask("GET", "/v2.1/os-services?binary=nova-compute")
        return {each["host"]: each for each in said["services"]}

    def uses(self, host: str) -> bool:
        """Whether instances can be placed on a host."""
        service = self.services()[host]
        return (service["state"], service["status"], service["forced_down"]) == ("up", "enabled", False)

    def migrations(self) -> list[dict[str, Any]]:
        """Every record of an evacuation."""
        said = self.ask("GET", "/v2.1/os-migrations?migration_type=evacuation")
        return list(said["migrations"])

    def act(self, uuid: str, what: str, how: Any = None) -> None:
        """Do something with an instance."""
        self.ask("POST", f"/v2.1/servers/{uuid}/action", {what: how})

    def switch(self, host: str, status: str) -> None:
        """Let a host take instances or not: `enabled` or `disabled`."""
        self.ask("PUT", f"/v2.1/os-services/{self.services()[host]['id']}", {"status": status})

    def create(self, host: str, count: int, *, flavor: str = "ha", group: str = "", **said: Any) -> list[str]:
        """Make instances on a host, and in a server group, and return their ids when they run."""
        image = self.ask("GET", "/v2/images", service="image")["images"][0]["id"]
        server = {
            "name": "ha",
            "flavorRef": self.flavor(flavor),
            "imageRef": image,
            "networks": "none",
            "host": host,
            "min_count": count,
            "max_count": count,
        }
        known = {each["id"] for each in self.servers()}
        hints = {"os:scheduler_hints": {"group": group}} if group else {}
        self.ask("POST", "/v2.1/servers", {"server": server | said, **hints})

        def made() -> list[str]:
            fresh = [each for each in self.servers() if each["id"] not in known]
            assert not [each for each in fresh if each["status"] == "ERROR"]
            ready = [each["id"] for each in fresh if each["status"] == "ACTIVE"]
            return ready if len(ready) == count else []

        found: list[str] = until(made, 300.0)
        return found

    def flavor(self, name: str) -> str:
        """The flavor of a name, so small that it does not matter how many instances there are."""
        for each in self.ask("GET", "/v2.1/flavors")["flavors"]:
            if each["name"] == name:
                return str(each["id"])
        said = {"name": name, "vcpus": 1, "ram": 64, "disk": 0}
        return str(self.ask("POST", "/v2.1/flavors", {"flavor": said})["flavor"]["id"])

    def tie(self, flavor: str, host: str) -> None:
        """Let instances of a flavor have no other valid host than this one."""
        trait = f"CUSTOM_{host.upper()}"
        self.ask("PUT", f"/traits/{trait}", service="placement")
        (each,) = self.ask("GET", f"/resource_providers?name={host}", service="placement")[
            "resource_providers"
        ]
        path = f"/resource_providers/{each['uuid']}/traits"
        has = self.ask("GET", path, service="placement")
        said = {
            "resource_provider_generation": has["resource_provider_generation"],
            "traits": sorted({*has["traits"], trait}),
        }
        self.ask("PUT", path, said, service="placement")
        specs = {"extra_specs": {f"trait:{trait}": "required"}}
        self.ask("POST", f"/v2.1/flavors/{self.flavor(flavor)}/os-extra_specs", specs)

    def delete(self, uuid: str) -> None:
        """Delete an instance."""
        self.ask("DELETE", f"/v2.1/servers/{uuid}")

    def delete_all(self) -> None:
        """Delete every instance. One that somebody deleted a moment ago may be gone meanwhile."""
        for each in self.servers():
            with suppress(Refusal):
                self.delete(each["id"])
        until(lambda: not self.servers(), 300.0)


def ready(cloud: LabCloud) -> Nova:
    """The cloud's Nova, with an image and the right to many instances."""
    found = Nova(cloud.vip, cloud.password)
    cloud.openstack("quota set --instances 200 --cores 200 --ram 1000000 admin")
    if not found.ask("GET", "/v2/images", service="image")["images"]:
        cloud.openstack("image create --disk-format raw --container-format bare probe", stdin=bytes(65536))
    return found


def until(look: Callable[[], Any], patience: float, *, every: float = 1.0) -> Any:
    """What a look shows as soon as it shows anything. Meanwhile Nova and nodes may not answer.

    Raises AssertionError when it shows nothing in `patience` seconds.
    """
    end, trouble = time.monotonic() + patience, ""
    while time.monotonic() < end:
        try:
            if seen := look():
                return seen
        except (OSError, http.client.HTTPException, Refusal, TransportError) as error:
            trouble = f"{type(error).__name__}: {error}"
        time.sleep(every)
    raise AssertionError(f"not so after {patience:.0f} s; {trouble}")
