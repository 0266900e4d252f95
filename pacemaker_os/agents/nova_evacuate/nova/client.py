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

#: The Placement trait of a host that accepts no new instances.
NO_NEW = "COMPUTE_STATUS_DISABLED"

#: Number of server groups per page; Nova's default limit.
GROUPS_PER_PAGE = 1000

NO_MAPPING: Mapping[str, str] = {}


class Nova:
    """Client for the APIs of Nova, Glance and Placement. The errors are those of `Session`."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _pages(self, path: str, key: str) -> Iterator[Mapping[str, Any]]:
        """Yield all elements of a paginated list."""
        while path:
            response = self.session.get("compute", path)
            yield from response[key]
            links = [link["href"] for link in response.get(f"{key}_links", ()) if link["rel"] == "next"]
            # The link is a complete URL and may contain another host than the endpoint, so only its query is
            # used.
            path = f"{path.partition('?')[0]}?{urlsplit(links[0]).query}" if links else ""

    def servers(self, **filters: str) -> list[Server]:
        """Return the instances of all projects that match a filter: host=..., locked=true."""
        query = urlencode({"all_tenants": "1", **filters})
        return [server(data) for data in self._pages(f"/servers/detail?{query}", "servers")]

    def server(self, uuid: str) -> Server | None:
        """Return an instance, or None if it was deleted."""
        try:
            return server(self.session.get("compute", f"/servers/{uuid}")["server"])
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def evacuations(self, source: str = "") -> list[Migration]:
        """Return the evacuations away from a host, or all evacuations, oldest first."""
        query = {"migration_type": "evacuation", **({"source_compute": source} if source else {})}
        found = self._pages(f"/os-migrations?{urlencode(query)}", "migrations")
        records = (migration(data) for data in found if data.get("migration_type") == "evacuation")
        return sorted((m for m in records if source in ("", m.source)), key=lambda m: m.id)

    def services(self) -> list[Service]:
        """Return the compute services."""
        response = self.session.get("compute", "/os-services?binary=nova-compute")
        return [service(each) for each in response["services"]]

    def aggregates(self) -> list[Aggregate]:
        """Return the host aggregates."""
        return [
            Aggregate(each["id"], each["name"], frozenset(each["hosts"]), each.get("metadata") or {})
            for each in self.session.get("compute", "/os-aggregates")["aggregates"]
        ]

    def groups(self) -> list[Group]:
        """Return the server groups of all projects."""
        return [
            Group(
                each["policy"],
                frozenset(each["members"]),
                int((each.get("rules") or {}).get("max_server_per_host") or 1),
            )
            for each in self._all_groups()
        ]

    def _all_groups(self) -> Iterator[Mapping[str, Any]]:
        """Yield all server groups. Their list has no links to further pages, only an offset."""
        seen: set[str] = set()
        while True:
            path = f"/os-server-groups?all_projects=true&limit={GROUPS_PER_PAGE}&offset={len(seen)}"
            page = self.session.get("compute", path)["server_groups"]
            fresh = [each for each in page if each["id"] not in seen]
            yield from fresh
            seen |= {each["id"] for each in fresh}
            if not fresh:
                return

    def image_properties(self, image: str) -> Mapping[str, str]:
        """Return the properties of an image; none if it was deleted."""
        try:
            response = self.session.get("image", f"/v2/images/{image}")
        except Refused as refused:
            if refused.status == 404:
                return NO_MAPPING
            raise
        properties = {name: str(value) for name, value in response.items() if isinstance(value, (str, int))}
        return properties | {f"tag:{tag}": "true" for tag in response.get("tags", ())}

    def free_capacity(self) -> dict[str, dict[str, int]]:
        """Return the free capacity of each host that has any: VCPU, MEMORY_MB, DISK_GB, ... (Placement)."""
        hosts = {
            each["id"]: each["service"]["host"]
            for each in self._pages("/os-hypervisors/detail", "hypervisors")
        }
        return {
            hosts[provider]: {
                name: amount["capacity"] - amount["used"] for name, amount in resources["resources"].items()
            }
            for provider, resources in self._providers().items()
            if provider in hosts
        }

    def _providers(self) -> dict[str, Mapping[str, Any]]:
        """Return the resources of the providers with a free CPU, shared (VCPU) or dedicated (PCPU)."""
        found: dict[str, Mapping[str, Any]] = {}
        for cpu in ("VCPU", "PCPU"):
            path = f"/allocation_candidates?resources={cpu}:1,MEMORY_MB:1&required=!{NO_NEW}"
            found |= self.session.get("placement", path)["provider_summaries"]
        return found

    def set_service(self, service: Service, **changes: object) -> None:
        """Change a compute service in one request: status, disabled_reason, forced_down."""
        self.session.once("compute", "PUT", f"/os-services/{service.id}", changes)

    def _act(self, uuid: str, action: str, argument: object = None) -> None:
        self.session.once("compute", "POST", f"/servers/{uuid}/action", {action: argument})

    def lock(self, uuid: str, reason: str) -> None:
        """Lock an instance for its owner, with a reason."""
        self._act(uuid, "lock", {"locked_reason": reason})

    def unlock(self, uuid: str) -> None:
        """Unlock an instance."""
        self._act(uuid, "unlock")

    def evacuate(self, uuid: str, host: str = "") -> None:
        """Request the evacuation of an instance, to `host` if it is given."""
        self._act(uuid, "evacuate", {"host": host} if host else {})

    def reset(self, uuid: str) -> None:
        """Reset the state of an instance to active, without a task."""
        self._act(uuid, "os-resetState", {"state": "active"})

    def start(self, uuid: str) -> None:
        """Start a stopped instance."""
        self._act(uuid, "os-start")

    def stop(self, uuid: str) -> None:
        """Stop a running instance."""
        self._act(uuid, "os-stop")

    def reboot(self, uuid: str) -> None:
        """Start the guest of an instance that Nova considers active, whatever the state of the guest."""
        self._act(uuid, "reboot", {"type": "HARD"})

    def migrate(self, uuid: str) -> None:
        """Migrate an instance to a host that Nova chooses. The migration then waits for its confirmation."""
        self._act(uuid, "migrate")

    def confirm(self, uuid: str) -> None:
        """Confirm a migration."""
        self._act(uuid, "confirmResize")

    def actions(self, uuid: str) -> list[str]:
        """Return the actions on an instance, the latest first."""
        done = self.session.get("compute", f"/servers/{uuid}/os-instance-actions")["instanceActions"]
        return [each["action"] for each in done]

    def was_reset(self, uuid: str) -> bool:
        """Return whether the state of an instance was reset since its last evacuation was requested."""
        done = self.actions(uuid)
        return "evacuate" in done and "resetState" in done[: done.index("evacuate")]

    def stopped_by_owner(self, uuid: str) -> bool:
        """Return whether the last action on an instance was a stop by a user.

        Nova itself stops instances that it finds crashed; that action has no user.
        """
        done = self.session.get("compute", f"/servers/{uuid}/os-instance-actions")["instanceActions"]
        return bool(done) and done[0]["action"] == "stop" and bool(done[0].get("user_id"))

    def add_to_aggregates(self, host: str, aggregates: Iterable[Aggregate]) -> None:
        """Add a host to aggregates that it is not a member of yet."""
        for aggregate in aggregates:
            if host not in aggregate.hosts:
                path = f"/os-aggregates/{aggregate.id}/action"
                self.session.once("compute", "POST", path, {"add_host": {"host": host}})
