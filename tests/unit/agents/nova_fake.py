"""A simulated cloud: Keystone, Nova and Placement, with the responses that real ones were observed to give.

- An evacuation is rejected while the service of its host is up. A request sets the task state rebuilding
  and creates a migration `accepted`, whatever was requested before (a second request is a violation).
- The conductor uses the oldest record that is `accepted`: after a lost message, that of the lost request;
  the new record stays unchanged. A nova-compute that starts completes one record of each instance.
- forced_down cannot be removed before nova-compute has started again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nova_world import PICK, WALL, Guest, Machine, Move, World

from pacemaker_os.agents.nova_evacuate.nova.session import OutcomeUnknown, Request, Response, Unreachable

URL = "http://cloud.example"


class Cloud(World):
    """The cloud. `fault` returns the fault for each request.

    Faults: `500` (nothing is executed), `500 done` (executed nevertheless), `reset` (connection lost before
    the execution), `reset done` (after it), `late SECONDS` (lost, and executed later), `refused` (no
    connection).
    """

    url = URL

    def __init__(self, machines: int = 3, guests: int = 0) -> None:
        super().__init__(machines, guests)
        self.calls: list[str] = []
        self.fault: Callable[[Request], str] = lambda request: ""

    def exchange(self, request: Request) -> Response:
        """Return the response to a request, with the faults of the test."""
        fault = self.fault(request)
        self.sleep(0.05)
        if fault == "refused":
            raise Unreachable("cloud.example: Connection refused")
        if fault.startswith("late"):
            self.late.append((self.now + float(fault.split()[1]), lambda: void(self.answer(request))))
        answer = self.answer(request) if not fault or fault.endswith("done") else None
        if answer is None or fault:
            if fault.startswith("500"):
                return Response(500, {}, b'{"computeFault": {"message": "Unexpected API Error"}}')
            raise OutcomeUnknown("cloud.example: Connection reset by peer")
        return answer

    def answer(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        self.calls.append(f"{request.method} {parts.path}")
        body = json.loads(request.body) if request.body else None
        status, data = self.route(request.method, parts.path, parse_qs(parts.query), body, request.headers)
        headers = {"x-subject-token": "token"} if parts.path == "/v3/auth/tokens" else {}
        return Response(status, headers, json.dumps(data).encode() if data is not None else b"")

    def route(self, method: str, path: str, query: Any, body: Any, headers: Any) -> tuple[int, Any]:
        if path == "/v3/auth/tokens":
            return self.log_in(body)
        if headers.get("X-Auth-Token") != "token":
            return 401, {"error": {"message": "The request you have made requires authentication."}}
        words = path.strip("/").split("/")[1:]
        key = f"{method} {words[0]}"
        if key in TABLE and len(words) <= 3:
            return TABLE[key](self, words[1:], query, body)
        return 404, {"itemNotFound": {"message": f"{method} {path}"}}

    def log_in(self, body: Any) -> tuple[int, Any]:
        user = body["auth"]["identity"].get("password", {}).get("user", {})
        if user.get("password") != "right":
            return 401, {"error": {"message": "The request you have made requires authentication."}}
        kinds = {"compute": "compute", "placement": "placement", "image": "image"}
        catalog = [
            {
                "type": kind,
                "endpoints": [{"interface": "internal", "region": "RegionOne", "url": f"{self.url}/{kind}/"}],
            }
            for kind in kinds
        ]
        return 201, {"token": {"catalog": catalog, "expires_at": "2099-01-01T00:00:00Z"}}

    def get_servers(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        if words != ["detail"]:
            guest = self.guests.get(words[0])
            if guest and words[1:] == ["os-instance-actions"]:
                return self.get_actions(guest)
            return (200, {"server": guest.shown()}) if guest else (404, {"itemNotFound": {"message": "gone"}})
        found = [g.shown() for g in self.guests.values() if not self.cell_is_down]
        if "host" in query:
            found = [g for g in found if g["OS-EXT-SRV-ATTR:host"] == query["host"][0]]
        if "locked" in query:
            found = [g for g in found if g["locked"]]
        # Nova's pages contain up to 1000 elements; these are smaller.
        start = int(query.get("marker", ["0"])[0])
        page, rest = found[start : start + 15], found[start + 15 :]
        link = f"http://inside/compute/servers/detail?all_tenants=1&marker={start + 15}"
        link += "".join(f"&{name}={query[name][0]}" for name in ("host", "locked") if name in query)
        links = {"servers_links": [{"rel": "next", "href": link}]} if rest else {}
        return 200, {"servers": page, **links}

    def get_actions(self, guest: Guest) -> tuple[int, Any]:
        done = [{"action": name, "user_id": user} for name, user in reversed(guest.actions)]
        return 200, {"instanceActions": done}

    def get_services(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        if self.cell_is_down:
            known = [{"host": name, "binary": "nova-compute", "status": "UNKNOWN"} for name in self.machines]
            return 200, {"services": known}
        return 200, {"services": [self.service(machine) for machine in self.machines.values()]}

    def service(self, machine: Machine) -> dict[str, Any]:
        return {
            "id": machine.id,
            "host": machine.name,
            "binary": "nova-compute",
            "state": "up" if self.is_up(machine) else "down",
            "status": machine.status,
            "forced_down": machine.forced_down,
            "disabled_reason": machine.reason,
        }

    def put_service(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        machine = next(m for m in self.machines.values() if m.id == words[0])
        before = (machine.status, machine.reason, machine.forced_down)
        after = (
            body.get("status", machine.status),
            body.get("disabled_reason") if "status" in body else machine.reason,
            body.get("forced_down", machine.forced_down),
        )
        if before == after:
            return 400, {"badRequest": {"message": "No updates were requested."}}
        remain = any(m.source == machine.name and m.status == "done" for m in self.moves)
        if machine.forced_down and not after[2] and remain:
            return 400, {"badRequest": {"message": "Unable to force up host as `done` records remain"}}
        machine.status, machine.reason, machine.forced_down = after
        return 200, {"service": self.service(machine)}

    def post_server(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        guest = self.guests.get(words[0])
        if guest is None:
            return 404, {"itemNotFound": {"message": "gone"}}
        ((action, argument),) = body.items()
        return ACTIONS[action](self, guest, argument)

    def do_lock(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        guest.locked, guest.locked_reason = True, (argument or {}).get("locked_reason")
        return 202, None

    def do_unlock(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        guest.locked, guest.locked_reason = False, None
        return 202, None

    def do_start(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        if guest.vm_state != "stopped":
            return 409, {"conflictingRequest": {"message": f"Cannot 'start' while {guest.vm_state}"}}
        guest.vm_state = "active"
        guest.actions.append(("start", "admin"))
        self.machines[guest.host].runs.add(guest.id)
        return 202, None

    def do_stop(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        if guest.vm_state != "active":
            return 409, {"conflictingRequest": {"message": f"Cannot 'stop' while {guest.vm_state}"}}
        guest.vm_state = "stopped"
        self.machines[guest.host].runs.discard(guest.id)
        return 202, None

    def do_reboot(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        if guest.vm_state != "active":
            return 409, {"conflictingRequest": {"message": f"Cannot 'reboot' while {guest.vm_state}"}}
        self.machines[guest.host].runs.add(guest.id)
        guest.actions.append(("reboot", "admin"))
        return 202, None

    def do_migrate(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        old = guest.host
        guest.host = next(m.name for m in self.machines.values() if m.name != old and self.takes(m))
        guest.actions.append(("migrate", "admin"))
        self.machines[old].runs.discard(guest.id)
        if guest.vm_state == "active":
            self.machines[guest.host].runs.add(guest.id)
        guest.fields["before"], guest.vm_state = guest.vm_state, "resized"
        return 202, None

    def do_confirm(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        guest.vm_state = guest.fields.pop("before")
        return 204, None

    def do_reset(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        guest.vm_state, guest.task_state = argument["state"], None
        guest.actions.append(("resetState", "admin"))
        return 202, None

    def do_evacuate(self, guest: Guest, argument: Any) -> tuple[int, Any]:
        source = self.machines[guest.host]
        if guest.vm_state not in ("active", "stopped", "error"):
            return 409, {"conflictingRequest": {"message": f"Cannot 'evacuate' while {guest.vm_state}"}}
        if self.is_up(source):
            return 400, {"badRequest": {"message": f"Compute service of {guest.host} is still in use."}}
        if source.powered and guest.id in source.runs:
            self.violate(f"{guest.id} was evacuated while it runs on {guest.host}")
        for move in self.moves:
            if move.guest == guest.id and move.under_way and not move.lost:
                self.violate(f"{guest.id} was evacuated twice")
        guest.task_state = "rebuilding"
        old = next((m for m in self.moves if m.guest == guest.id and m.status == "accepted" and m.lost), None)
        if old:
            old.lost, old.due, old.target = False, self.now + PICK, None
        move = Move(len(self.moves) + 1, guest.id, guest.host, due=self.now + PICK, touched=self.now)
        move.dest, move.lost = argument.get("host"), old is not None
        self.moves.append(move)
        guest.actions.append(("evacuate", "admin"))
        return 200, {}

    def get_migrations(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        source = query.get("source_compute", [""])[0]
        found = [
            {
                "id": m.id,
                "instance_uuid": m.guest,
                "source_compute": m.source,
                "dest_compute": m.dest if m.status != "accepted" else None,
                "status": m.status,
                "migration_type": "evacuation",
                "created_at": "2026-11-20T17:00:00",
                "updated_at": time.strftime("%Y-%m-%dT%H:%M:%S.000000", time.gmtime(WALL + m.touched)),
            }
            for m in self.moves
            if source in ("", m.source)
        ]
        return 200, {"migrations": found}

    def get_hypervisors(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        found = [{"id": f"rp-{name}", "service": {"host": name}} for name in self.machines]
        return 200, {"hypervisors": found}

    def get_candidates(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        summaries = {
            f"rp-{m.name}": {
                "resources": {
                    "VCPU": {"capacity": m.vcpus, "used": m.vcpus - self.free(m)},
                    "MEMORY_MB": {"capacity": 100000, "used": 0},
                    "DISK_GB": {"capacity": 100000, "used": 0},
                }
            }
            for m in self.machines.values()
            if self.free(m) > 0
        }
        return 200, {"provider_summaries": summaries, "allocation_requests": []}

    def get_groups(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        named = [{"id": f"group-{number}"} | group for number, group in enumerate(self.groups)]
        return 200, {"server_groups": named[offset : offset + limit]}

    def get_aggregates(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        return 200, {"aggregates": self.aggregates}

    def post_aggregate(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        aggregate = next(a for a in self.aggregates if str(a["id"]) == words[0])
        aggregate["hosts"].append(body["add_host"]["host"])
        return 200, {"aggregate": aggregate}

    def get_image(self, words: list[str], query: Any, body: Any) -> tuple[int, Any]:
        image = self.images.get(words[1])
        return (200, image) if image else (404, {"message": "no image"})


def void(_: object) -> None:
    """The response is lost."""


ACTIONS: dict[str, Any] = {
    "lock": Cloud.do_lock,
    "unlock": Cloud.do_unlock,
    "evacuate": Cloud.do_evacuate,
    "os-resetState": Cloud.do_reset,
    "os-start": Cloud.do_start,
    "os-stop": Cloud.do_stop,
    "reboot": Cloud.do_reboot,
    "migrate": Cloud.do_migrate,
    "confirmResize": Cloud.do_confirm,
}

TABLE: dict[str, Any] = {
    "GET servers": Cloud.get_servers,
    "POST servers": Cloud.post_server,
    "GET os-services": Cloud.get_services,
    "PUT os-services": Cloud.put_service,
    "GET os-migrations": Cloud.get_migrations,
    "GET os-hypervisors": Cloud.get_hypervisors,
    "GET allocation_candidates": Cloud.get_candidates,
    "GET os-server-groups": Cloud.get_groups,
    "GET os-aggregates": Cloud.get_aggregates,
    "POST os-aggregates": Cloud.post_aggregate,
    "GET v2": Cloud.get_image,
}
