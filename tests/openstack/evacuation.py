"""Instances on a compute node, something that happens to it, and what then becomes of them, in seconds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Timer
from typing import Any
from xml.etree import ElementTree

from guests import Event, events, running
from lab_cloud import LabCloud, pcs_os
from nova_asked import Nova, until

from pacemaker_os.cluster.setup.facts import online_nodes
from pacemaker_os.errors import TransportError

#: The longest that an evacuation of forty instances may take on two cores, and a return, in seconds.
LONGEST, RETURN = 600.0, 300.0

REQUEST = "nova-evacuation"

#: Finds the process of nova-evacuate, and not the one that looks for it.
ENGINE = "[n]ova_evacuate.service"

LOG = "/var/log/pacemaker/pacemaker.log"

#: Answers whoever speaks to Nova's API with a broken connection.
BROKEN = b"""table inet lab-api {
  chain output { type filter hook output priority -300; tcp dport 8774 reject with tcp reset; }
}
"""

Fault = Callable[[], None]


@dataclass(slots=True)
class Times:
    """When what happened, in seconds after the fault; None: it did not happen."""

    fenced: float | None = None
    forced_down: float | None = None
    first_built: float | None = None
    last_built: float | None = None
    first_active: float | None = None
    last_active: float | None = None
    closed: float | None = None
    back: float | None = None

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:.1f}" for name, value in asdict(self).items() if value is not None)


class Drill:
    """The compute node that has the instances, the `victim`, fails; the other one is there to take them."""

    def __init__(self, cloud: LabCloud, nova: Nova, uuids: list[str]) -> None:
        self.cloud, self.nova, self.uuids = cloud, nova, uuids
        self.times, self.began = Times(), 0.0
        hosts = Counter(host_of(each) for each in self.mine())
        self.victim = max(hosts, key=lambda host: hosts[host])
        self.target = next(host for host in cloud.nodes("compute") if host != self.victim)
        assert self.where_they_run() == {uuid: [self.victim] for uuid in uuids}

    def mine(self) -> list[dict[str, Any]]:
        """The instances, as Nova has them."""
        return [each for each in self.nova.servers() if each["id"] in self.uuids]

    def where_they_run(self) -> dict[str, list[str]]:
        """Where each instance runs, as hypervisors have it."""
        there = running(self.cloud)
        return {uuid: there.get(uuid, []) for uuid in self.uuids}

    def fail(self, fault: str = "kill") -> None:
        """Let the victim fail, and begin to count."""
        self.began = time.time()
        pcs_os("lab", "fault", fault, "--name", self.cloud.lab, self.victim)

    def see_through(
        self, title: str, *, at: Mapping[int, Fault] | None = None, patience: float = LONGEST
    ) -> None:
        """Follow until every instance is ACTIVE elsewhere, once, and the victim is back.

        `at` are further faults, each done once, when so many instances have moved.
        """
        times, due = self.times, dict(at or {})

        def all_moved() -> bool:
            service = self.nova.services()[self.victim]
            moved = sum(is_well(each) and host_of(each) != self.victim for each in self.mine())
            now = time.time() - self.began
            if service["forced_down"]:
                times.forced_down = times.forced_down or now
            if moved:
                times.first_active = times.first_active or now
            if moved == len(self.uuids):
                times.last_active = now
                return True
            for count in [count for count in due if moved >= count]:
                due.pop(count)()
            return False

        until(all_moved, patience, every=1.5)
        self.wait_back(self.victim)
        built = [each.time - self.began for each in self.spawned()]
        times.first_built, times.last_built = min(built), max(built)
        times.fenced = self.fenced_at()
        print(f"\n{title}: {times}")
        assert not due, "it was over before the other faults"
        self.assert_each_was_built_once()

    def see_home(self, title: str, *, at: Mapping[int, Fault]) -> None:
        """Follow until every instance is ACTIVE wherever it may be, and both nodes are back."""
        due = dict(at)

        def all_well() -> bool:
            found = self.mine()
            moved = sum(is_well(each) and host_of(each) != self.victim for each in found)
            for count in [count for count in due if moved >= count]:
                due.pop(count)()
            return not due and self.open_requests() == {} and all(is_well(each) for each in found)

        until(all_well, LONGEST, every=1.5)
        for host in (self.victim, self.target):
            self.wait_back(host)
        until(self.each_runs_where_nova_says, RETURN)
        print(f"\n{title}: all is well after {time.time() - self.began:.1f} s")

    def wait_back(self, host: str) -> None:
        """Wait until a node's request is closed and Nova uses it again."""

        def is_back() -> bool:
            if self.request(host):
                return False
            self.times.closed = self.times.closed or time.time() - self.began
            service = self.nova.services()[host]
            return (service["state"], service["status"], service["forced_down"]) == ("up", "enabled", False)

        until(is_back, RETURN)
        self.times.back = time.time() - self.began

    def wait_whole(self) -> None:
        """Wait until all controllers are members again, and serve."""
        everyone = set(self.cloud.nodes("controller"))
        until(lambda: everyone <= online_nodes(self.controller()), RETURN)
        self.controller().run(["crm_resource", "--wait", "--timeout=600s"], timeout=630)

    def controller(self) -> Any:
        """The way to a controller that is there."""
        return until(self._any_controller, RETURN)

    def _any_controller(self) -> Any:
        for name in self.cloud.nodes("controller"):
            with suppress(TransportError):
                self.cloud.node(name).run(["crm_node", "--quorum"])
                return self.cloud.node(name)
        return None

    def request(self, node: str) -> str:
        """The request of a node; empty: there is none."""
        return self.open_requests().get(node, "")

    def open_requests(self) -> dict[str, str]:
        """The request of each node that has one."""
        said = self.controller().run(["cibadmin", "--query", "--scope", "nodes"]).text
        return {
            str(node.get("uname")): str(pair.get("value"))
            for node in ElementTree.fromstring(said).iter("node")
            for pair in node.iter("nvpair")
            if pair.get("name") == REQUEST
        }

    def fenced_at(self) -> float | None:
        """When fencing the victim had succeeded, in seconds after the fault, by Pacemaker's log."""
        line = ["grep", "-h", f"Operation 'reboot' targeting {self.victim} .* OK", LOG]
        year = datetime.now(tz=UTC).year
        for name in self.cloud.nodes("controller"):
            for said in self.cloud.node(name).run(line, ok=(0, 1)).text.splitlines():
                moment = datetime.strptime(f"{year} {said[:19]}+0000", "%Y %b %d %H:%M:%S.%f%z").timestamp()
                if moment >= self.began:
                    return moment - self.began
        return None

    def spawned(self) -> list[Event]:
        """What hypervisors built since the fault."""
        return [each for each in events(self.cloud, self.began) if each.what.startswith("spawn")]

    def each_runs_where_nova_says(self) -> bool:
        """Whether every instance runs on the one hypervisor that Nova knows, and is not locked."""
        where = {each["id"]: [host_of(each)] for each in self.mine()}
        locked = [each["id"] for each in self.mine() if each["locked"]]
        return where == self.where_they_run() and not locked

    def assert_each_was_built_once(self) -> None:
        """Every instance runs on the one hypervisor that Nova knows, and was built there once."""
        assert self.each_runs_where_nova_says()
        assert Counter(each.uuid for each in self.spawned()) == Counter(self.uuids)

    def engine_on(self) -> tuple[str, list[str]]:
        """The controller that nova-evacuate runs on, and its processes there."""
        for name in self.cloud.nodes("controller"):
            found = self.cloud.node(name).run(["pgrep", "-f", ENGINE], ok=(0, 1)).text.split()
            if found:
                return name, found
        raise AssertionError("nova-evacuate runs nowhere")

    def kill_agent(self) -> None:
        """Kill nova-evacuate's process."""
        name, processes = until(self.engine_on, RETURN)
        self.cloud.node(name).run(["kill", "-KILL", *processes])

    def kill_agents_controller(self) -> None:
        """Cut the power of the controller that nova-evacuate runs on."""
        pcs_os("lab", "fault", "kill", "--name", self.cloud.lab, self.engine_on()[0])

    def kill_target(self) -> None:
        """Cut the power of the node that takes the instances."""
        pcs_os("lab", "fault", "kill", "--name", self.cloud.lab, self.target)

    def break_api(self, seconds: float) -> None:
        """Break every connection to Nova's API that nova-evacuate's controller begins, for a while."""
        node = self.cloud.node(self.engine_on()[0])
        node.run(["nft", "-f", "-"], input=BROKEN)
        Timer(seconds, lambda: node.run(["nft", "delete", "table", "inet", "lab-api"])).start()

    @contextmanager
    def silent_nova_compute(self) -> Iterator[None]:
        """Let the victim's nova-compute say nothing, without ending it."""
        node = self.cloud.node(self.victim)
        main = node.run(["systemctl", "show", "--value", "--property=MainPID", "nova-compute"]).text.strip()
        node.run(["kill", "-STOP", main])
        try:
            yield
        finally:
            node.run(["kill", "-CONT", main])


def host_of(server: dict[str, Any]) -> str:
    """Where Nova has an instance."""
    return str(server["OS-EXT-SRV-ATTR:host"])


def is_well(server: dict[str, Any]) -> bool:
    """Whether an instance is ACTIVE and nothing is being done with it."""
    return server["status"] == "ACTIVE" and not server["OS-EXT-STS:task_state"]
