"""The state of the simulated cloud, and the events in it, as observed with real Nova.

It records what each hypervisor runs, each requested evacuation, and `violations`: everything that must never
happen.

- The conductor selects a target; without one, the migration and the instance are in ERROR.
- A target rebuilds one instance after the other; then the migration is `done` and the instance is moved.
- If the last message of a target is lost, the instance is rebuilt, but in ERROR there.
- If a target fails, the migration stays `pre-migrating` and the instance stays rebuilding.
- A nova-compute that starts destroys the guests that were evacuated from it, and their migrations are
  `completed`. Other instances run there again. An abandoned evacuation counts as finished: its instance is
  on this host, ACTIVE, and does not run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Time, in seconds, without a report of a compute service until Nova considers it down.
SERVICE_DOWN = 60.0
#: Time, in seconds, in which a target rebuilds an instance, and in which the conductor selects a target.
BUILD, PICK = 1.6, 0.3

#: The time of the simulated world, in seconds since 1970, at 0 s of its clock.
WALL = 4e9


@dataclass
class Guest:
    """An instance in Nova's database."""

    id: str
    host: str
    vm_state: str = "active"
    task_state: str | None = None
    locked: bool = False
    locked_reason: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    actions: list[tuple[str, str | None]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "id": self.id,
            "name": f"name-{self.id}",
            "OS-EXT-SRV-ATTR:host": self.host,
            "OS-EXT-STS:vm_state": self.vm_state,
            "OS-EXT-STS:task_state": self.task_state,
            "OS-EXT-STS:power_state": 1,
            "locked": self.locked,
            "locked_reason": self.locked_reason,
            "tenant_id": "project1",
            "image": "",
            "metadata": {},
            "tags": [],
            "flavor": {
                "original_name": "tiny",
                "vcpus": 1,
                "ram": 64,
                "disk": 1,
                "ephemeral": 0,
                "swap": 0,
                "extra_specs": {},
            },
        }
        return attributes | self.fields


@dataclass
class Machine:
    """A compute node: its power, its nova-compute, its guests, and its compute service in Nova."""

    name: str
    powered: bool = True
    computing: bool = True
    reported: float = 0.0
    runs: set[str] = field(default_factory=set)
    disk: set[str] = field(default_factory=set)
    forced_down: bool = False
    status: str = "enabled"
    reason: str | None = None
    vcpus: int = 1000
    busy_until: float = 0.0

    @property
    def id(self) -> str:
        return f"service-{self.name}"


@dataclass
class Move:
    """An evacuation. `target` is where the conductor sent it, `dest` the destination in its record."""

    id: int
    guest: str
    source: str
    status: str = "accepted"
    dest: str | None = None
    target: str | None = None
    due: float = 0.0
    lost: bool = False
    touched: float = 0.0
    built: bool = False

    @property
    def under_way(self) -> bool:
        return self.status in ("accepted", "pre-migrating")


class World:
    """Compute nodes, their instances, and the evacuations in progress. `sleep` lets time pass."""

    def __init__(self, machines: int = 3, guests: int = 0) -> None:
        self.now = 0.0
        self.machines = {f"compute{n}": Machine(f"compute{n}") for n in range(1, machines + 1)}
        self.guests: dict[str, Guest] = {}
        self.moves: list[Move] = []
        self.violations: list[str] = []
        self.late: list[tuple[float, Callable[[], None]]] = []
        self.failing: Callable[[str, str], bool] = lambda guest, target: False
        #: Whether a target that fails can update the instance, but not the record.
        self.mute: Callable[[str], bool] = lambda guest: False
        #: Whether an instance is rebuilt but never moved, because the message about it was lost.
        self.halted: Callable[[str], bool] = lambda guest: False
        #: The final status of a record whose last message was lost after the rebuild.
        self.unanswered: Callable[[str], str] = lambda guest: ""
        #: Time, in seconds, from the end of the rebuild and its task until the instance is moved.
        self.slow: Callable[[str], float] = lambda guest: 0.0
        self.groups: list[dict[str, Any]] = []
        self.aggregates: list[dict[str, Any]] = []
        self.images: dict[str, dict[str, Any]] = {}
        self.bus_is_down = False
        self.cell_is_down = False
        for n in range(guests):
            self.boot(f"vm{n:02}", "compute1")

    def boot(self, name: str, host: str, /, **fields: Any) -> Guest:
        guest = Guest(name, host, **{k: fields.pop(k) for k in ("vm_state", "task_state") if k in fields})
        guest.locked, guest.locked_reason = fields.pop("locked", False), fields.pop("locked_reason", None)
        guest.fields = fields
        self.guests[name] = guest
        self.machines[host].disk.add(name)
        if guest.vm_state != "stopped":
            self.machines[host].runs.add(name)
        return guest

    # Time, and events without a request.

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.1)
            self.tick()

    def tick(self) -> None:
        for machine in self.machines.values():
            if machine.powered and machine.computing and not self.bus_is_down:
                machine.reported = self.now
        for due, act in [each for each in self.late if each[0] <= self.now]:
            self.late.remove((due, act))
            act()
        for move in self.moves:
            if move.under_way and not move.lost and move.due <= self.now:
                self.go_on(move)
        self.check()

    def go_on(self, move: Move) -> None:
        guest = self.guests.get(move.guest)
        if guest is None:
            move.status = "error"
        elif move.target is None:
            self.pick(move, guest)
        else:
            machine = self.machines[move.target]
            if not (machine.powered and machine.computing):
                return
            if move.dest is None:
                move.dest, move.status, move.touched = move.target, "pre-migrating", self.now
                guest.task_state = "rebuild_spawning"
                move.due = machine.busy_until = max(machine.busy_until, self.now) + BUILD
            else:
                self.finish(move, guest, machine)

    def pick(self, move: Move, guest: Guest) -> None:
        candidates = [m for m in self.machines.values() if m.name != move.source and self.takes(m)]
        if move.dest:
            candidates = [m for m in candidates if m.name == move.dest]
            move.dest = None
        if not candidates:
            move.status, guest.vm_state, guest.task_state = "error", "error", None
            return
        load = {m.name: sum(g.host == m.name for g in self.guests.values()) for m in candidates}
        move.target, move.due = min(candidates, key=lambda m: (load[m.name], m.name)).name, self.now

    def takes(self, machine: Machine) -> bool:
        return self.is_up(machine) and machine.status == "enabled" and self.free(machine) > 0

    def free(self, machine: Machine) -> int:
        claimed = sum(move.under_way and move.target == machine.name for move in self.moves)
        return machine.vcpus - claimed - sum(guest.host == machine.name for guest in self.guests.values())

    def finish(self, move: Move, guest: Guest, machine: Machine) -> None:
        if self.failing(guest.id, machine.name):
            move.status, guest.vm_state, guest.task_state = "failed", "error", None
            if self.mute(guest.id):
                move.status, move.lost = "pre-migrating", True
            return
        if guest.id in machine.runs or (guest.id in machine.disk and not move.built):
            # Nova rejects a rebuild on a host that has the guest, even if it is off.
            move.status, guest.vm_state, guest.task_state = "failed", "error", None
            return
        if self.halted(guest.id):
            machine.runs.add(guest.id)
            move.lost, guest.task_state = True, None
            return
        if not move.built:
            move.built, guest.task_state = True, None
            machine.disk.add(guest.id)
            move.due = self.now + self.slow(guest.id)
            if move.due > self.now:
                return
        move.status, guest.host, guest.task_state = "done", machine.name, None
        guest.vm_state = "stopped" if guest.vm_state == "stopped" else "active"
        machine.disk.add(guest.id)
        if guest.vm_state == "active":
            machine.runs.add(guest.id)
        if left := self.unanswered(guest.id):
            move.status, guest.vm_state, move.lost = left, "error", True

    def check(self) -> None:
        for guest in self.guests:
            places = [m.name for m in self.machines.values() if m.powered and guest in m.runs]
            if len(places) > 1:
                self.violate(f"{guest} runs on {' and '.join(places)}")

    def violate(self, text: str) -> None:
        if text not in self.violations:
            self.violations.append(text)

    # Events on machines.

    def power_off(self, name: str) -> None:
        machine = self.machines[name]
        machine.powered = machine.computing = False
        machine.runs.clear()
        machine.busy_until = 0.0
        for move in self.moves:
            move.lost |= move.under_way and move.dest == name and move.target == name

    def stop_compute(self, name: str) -> None:
        """Stop nova-compute: its rebuilds are lost, its guests keep running."""
        self.machines[name].computing = False
        for move in self.moves:
            move.lost |= move.under_way and move.dest == name and move.target == name

    def lose_messages(self) -> None:
        """Lose all messages that no service has received."""
        for move in self.moves:
            move.lost |= move.under_way and not (move.dest and move.target)

    def power_on(self, name: str) -> None:
        """Power the machine on. Pacemaker decides when nova-compute starts."""
        self.machines[name].powered = True

    def start_compute(self, name: str) -> None:
        machine = self.machines[name]
        assert machine.powered
        machine.computing = True
        looked_for = ("accepted", "pre-migrating", "done")
        evacuated = {m.guest: m for m in self.moves if m.source == name and m.status in looked_for}
        for move in evacuated.values():
            move.status, move.lost = "completed", move.lost or move.under_way
            machine.disk.discard(move.guest)
            machine.runs.discard(move.guest)
        for guest in self.guests.values():
            if guest.host == name and guest.vm_state == "active" and guest.id not in evacuated:
                machine.runs.add(guest.id)
        self.check()

    def crash(self, name: str, *, noticed: bool) -> None:
        """Let the process of a guest crash. When Nova notices, it stops the instance itself."""
        guest = self.guests[name]
        self.machines[guest.host].runs.discard(name)
        if noticed:
            guest.vm_state = "stopped"
            guest.actions.append(("stop", None))

    def is_up(self, machine: Machine) -> bool:
        return not machine.forced_down and self.now - machine.reported < SERVICE_DOWN
