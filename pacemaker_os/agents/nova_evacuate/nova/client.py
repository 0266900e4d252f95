"""The calls of Nova's, Glance's and Placement's API that an evacuation needs."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from pacemaker_os.agents.nova_evacuate.nova.session import Refused
from pacemaker_os.agents.nova_evacuate.nova.values import (
    Aggregate,
    Group,
    Migration,
    Server,
    Service,
    migration,
    server,
    service,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from pacemaker_os.agents.nova_evacuate.nova.session import Session

#: What a host has in Placement that takes no new instances.
NO_NEW = "COMPUTE_STATUS_DISABLED"

NO_MAPPING: Mapping[str, str] = {}


class Nova:
    """Nova's and Placement's API, by what the evacuation needs. Errors are those of `Session`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _pages(self, path: str, key: str) -> Iterator[Mapping[str, Any]]:
        """Everything of a list that comes in pages."""
        while path:
            said = self.session.get("compute", path)
            yield from said[key]
            links = [link["href"] for link in said.get(f"{key}_links", ()) if link["rel"] == "next"]
            # The address is complete and may name a host that is not the way in: only its end is used.
            path = f"{path.partition('?')[0]}?{urlsplit(links[0]).query}" if links else ""

    def servers(self, **wanted: str) -> list[Server]:
        """The instances of all projects that match: host=..., locked=true."""
        query = urlencode({"all_tenants": "1", **wanted})
        return [server(said) for said in self._pages(f"/servers/detail?{query}", "servers")]

    def server(self, uuid: str) -> Server | None:
        """One instance; None when it was deleted."""
        try:
            return server(self.session.get("compute", f"/servers/{uuid}")["server"])
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def evacuations(self, source: str = "") -> list[Migration]:
        """The evacuations away from a host, or all, oldest first."""
        query = {"migration_type": "evacuation", **({"source_compute": source} if source else {})}
        found = self._pages(f"/os-migrations?{urlencode(query)}", "migrations")
        kept = (migration(said) for said in found if said.get("migration_type") == "evacuation")
        return sorted((m for m in kept if source in ("", m.source)), key=lambda m: m.id)

    def services(self) -> list[Service]:
        """Every nova-compute."""
        said = self.session.get("compute", "/os-services?binary=nova-compute")
        return [service(each) for each in said["services"]]

    def aggregates(self) -> list[Aggregate]:
        """Every host aggregate."""
        return [
            Aggregate(each["id"], each["name"], frozenset(each["hosts"]), each.get("metadata") or {})
            for each in self.session.get("compute", "/os-aggregates")["aggregates"]
        ]

    def groups(self) -> list[Group]:
        """Every server group of all projects."""
        return [
            Group(
                each["policy"],
                frozenset(each["members"]),
                int((each.get("rules") or {}).get("max_server_per_host") or 1),
            )
            for each in self._pages("/os-server-groups?all_projects=true", "server_groups")
        ]

    def image_properties(self, image: str) -> Mapping[str, str]:
        """What Glance says of an image; nothing when it was deleted."""
        try:
            said = self.session.get("image", f"/v2/images/{image}")
        except Refused as refused:
            if refused.status == 404:
                return NO_MAPPING
            raise
        words = {name: str(value) for name, value in said.items() if isinstance(value, (str, int))}
        return words | {f"tag:{tag}": "true" for tag in said.get("tags", ())}

    def rooms(self) -> dict[str, dict[str, int]]:
        """What is free on each host that has anything free: VCPU, MEMORY_MB, DISK_GB, ... (Placement)."""
        hosts = {
            each["id"]: each["service"]["host"]
            for each in self._pages("/os-hypervisors/detail", "hypervisors")
        }
        found = self.session.get(
            "placement", f"/allocation_candidates?resources=VCPU:1,MEMORY_MB:1&required=!{NO_NEW}"
        )
        return {
            hosts[provider]: {
                name: amount["capacity"] - amount["used"] for name, amount in said["resources"].items()
            }
            for provider, said in found["provider_summaries"].items()
            if provider in hosts
        }

    def set_service(self, service: Service, **wanted: object) -> None:
        """Change a compute service in one step: status, disabled_reason, forced_down."""
        self.session.once("compute", "PUT", f"/os-services/{service.id}", wanted)

    def _act(self, uuid: str, action: str, argument: object = None) -> None:
        self.session.once("compute", "POST", f"/servers/{uuid}/action", {action: argument})

    def lock(self, uuid: str, reason: str) -> None:
        """Keep its owner from changing an instance, and write down why."""
        self._act(uuid, "lock", {"locked_reason": reason})

    def unlock(self, uuid: str) -> None:
        """Give an instance back to its owner."""
        self._act(uuid, "unlock")

    def evacuate(self, uuid: str, host: str = "") -> None:
        """Ask Nova to build an instance anew elsewhere, on `host` if one is named."""
        self._act(uuid, "evacuate", {"host": host} if host else {})

    def reset(self, uuid: str) -> None:
        """Say that an instance is active and that nothing is being done with it."""
        self._act(uuid, "os-resetState", {"state": "active"})

    def start(self, uuid: str) -> None:
        """Start an instance that is stopped."""
        self._act(uuid, "os-start")

    def stop(self, uuid: str) -> None:
        """Stop an instance that runs."""
        self._act(uuid, "os-stop")

    def reboot(self, uuid: str) -> None:
        """Start the guest of an instance that Nova takes for active, whatever it does now."""
        self._act(uuid, "reboot", {"type": "HARD"})

    def migrate(self, uuid: str) -> None:
        """Move an instance to a host that Nova chooses; it waits there to be confirmed."""
        self._act(uuid, "migrate")

    def confirm(self, uuid: str) -> None:
        """Confirm a move."""
        self._act(uuid, "confirmResize")

    def actions(self, uuid: str) -> list[str]:
        """What was done with an instance, the last first."""
        done = self.session.get("compute", f"/servers/{uuid}/os-instance-actions")["instanceActions"]
        return [each["action"] for each in done]

    def was_reset(self, uuid: str) -> bool:
        """Whether somebody reset its state since its evacuation was asked for last."""
        done = self.actions(uuid)
        return "evacuate" in done and "resetState" in done[: done.index("evacuate")]

    def stopped_by_owner(self, uuid: str) -> bool:
        """Whether the last that was done with an instance is that somebody stopped it.

        Nova itself stops what it finds crashed; then nobody is named.
        """
        done = self.session.get("compute", f"/servers/{uuid}/os-instance-actions")["instanceActions"]
        return bool(done) and done[0]["action"] == "stop" and bool(done[0].get("user_id"))

    def add_to_aggregates(self, host: str, aggregates: Iterable[Aggregate]) -> None:
        """Make a host a member of aggregates; one that it is a member of already is passed over."""
        for aggregate in aggregates:
            if host not in aggregate.hosts:
                path = f"/os-aggregates/{aggregate.id}/action"
                self.session.once("compute", "POST", path, {"add_host": {"host": host}})
