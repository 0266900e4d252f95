"""Instances on a compute node, something that happens to it, and what then becomes of them, in seconds."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from guests import Event, events, running
from lab_cloud import LabCloud, pcs_os
from nova_asked import Nova, until
from trouble import controller, engine_runs

from pacemaker_os.cluster.setup.facts import online_nodes

#: The longest that an evacuation of forty instances may take on two cores, and a return, in seconds.
LONGEST, RETURN = 600.0, 300.0

REQUEST = "nova-evacuation"

LOG = "/var/log/pacemaker/pacemaker.log"

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
        due = dict(at or {})
        self.see_moved(due, patience)
        self.wait_back(self.victim)
        self.tell(title)
        assert not due, "it was over before the other faults"
        assert self.each_runs_where_nova_says()
        assert self.was_kept_away()

    def see_moved(self, due: dict[int, Fault], patience: float) -> None:
        """Follow until every instance is ACTIVE elsewhere; take out of `due` what has been done."""
        times = self.times

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

    def tell(self, title: str) -> None:
        """Print when what happened."""
        times, built = self.times, [each.time - self.began for each in self.spawned()]
        times.first_built, times.last_built = min(built), max(built)
        times.fenced = self.fenced_at()
        tell(title, asdict(times))

    def see_rest(self, *, at: Mapping[int, Fault]) -> None:
        """Follow until nothing is done any more: each instance is evacuated, or reported as stuck."""
        due = dict(at)

        def at_rest() -> bool:
            moved = sum(is_well(each) and host_of(each) != self.victim for each in self.mine())
            for count in [count for count in due if moved >= count]:
                due.pop(count)()
            line = ["instances", "status", "--container", controller(self.cloud).name, "--json"]
            hosts = json.loads(pcs_os(*line).stdout)["hosts"]
            states = {each["state"] for host in hosts for each in host["instances"]}
            return not due and states <= {"evacuated", "stuck"}

        until(at_rest, LONGEST, every=1.5)

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
        tell(title, {"well": time.time() - self.began})

    def by_hand(self) -> float:
        """Let the victim fail, and ask Nova by hand for all at once; the seconds until all are ACTIVE."""
        engine_runs(self.cloud, wanted=False)
        self.fail()
        until(lambda: self.nova.services()[self.victim]["forced_down"], LONGEST, every=0.2)
        asked = time.time()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda uuid: self.nova.act(uuid, "evacuate", {}), self.uuids))
        until(lambda: all(is_well(s) and host_of(s) != self.victim for s in self.mine()), LONGEST)
        took = time.time() - asked
        engine_runs(self.cloud, wanted=True)
        self.wait_back(self.victim)
        self.assert_each_was_built_once()
        return took

    def nothing_happens(self, seconds: float) -> None:
        """See that for a while no evacuation is asked for, and every instance goes on where it is."""
        before, end = len(self.nova.migrations()), time.monotonic() + seconds
        while time.monotonic() < end:
            assert not self.request(self.victim)
            time.sleep(1)
        assert len(self.nova.migrations()) == before
        assert self.where_they_run() == {uuid: [self.victim] for uuid in self.uuids}

    def kill_target(self) -> None:
        """Cut the power of the node that takes the instances."""
        pcs_os("lab", "fault", "kill", "--name", self.cloud.lab, self.target)

    def wait_back(self, host: str) -> None:
        """Wait until a node's request is closed and Nova uses it again."""

        def is_back() -> bool:
            if self.request(host):
                return False
            self.times.closed = self.times.closed or time.time() - self.began
            return self.nova.uses(host)

        until(is_back, RETURN)
        self.times.back = time.time() - self.began

    def wait_whole(self) -> None:
        """Wait until all controllers are members again, and serve."""
        everyone = set(self.cloud.nodes("controller"))
        until(lambda: everyone <= online_nodes(controller(self.cloud)), RETURN)
        controller(self.cloud).run(["crm_resource", "--wait", "--timeout=600s"], timeout=630)

    def request(self, node: str) -> str:
        """The request of a node; empty: there is none."""
        return self.open_requests().get(node, "")

    def open_requests(self) -> dict[str, str]:
        """The request of each node that has one."""
        said = controller(self.cloud).run(["cibadmin", "--query", "--scope", "nodes"]).text
        return {
            str(node.get("uname")): str(pair.get("value"))
            for node in ElementTree.fromstring(said).iter("node")
            for pair in node.iter("nvpair")
            if pair.get("name") == REQUEST
        }

    def fenced_at(self) -> float | None:
        """When fencing the victim had succeeded, in seconds after the fault, by Pacemaker's log."""
        line = ["grep", "-h", f"Operation '[a-z]*' targeting {self.victim} .* OK", LOG]
        year = datetime.now(tz=UTC).year
        for name in self.cloud.nodes("controller"):
            for said in self.cloud.node(name).run(line, ok=(0, 1)).text.splitlines():
                moment = datetime.strptime(f"{year} {said[:19]}+0000", "%Y %b %d %H:%M:%S.%f%z").timestamp()
                if moment >= self.began:
                    return moment - self.began
        return None

    def spawned(self) -> list[Event]:
        """What hypervisors built since the fault."""
        found = events(self.cloud, self.began)
        return [each for each in found if each.what.startswith("spawn") and each.uuid in self.uuids]

    def was_kept_away(self) -> bool:
        """Whether nova-compute was started on the victim only after everything was built elsewhere."""
        since = events(self.cloud, self.began)
        starts = [each.time for each in since if (each.host, each.what) == (self.victim, "begin")]
        return bool(starts) and min(starts) > max(each.time for each in self.spawned())

    def each_runs_where_nova_says(self) -> bool:
        """Whether every instance runs on the one hypervisor that Nova knows, and is not locked."""
        where = {each["id"]: [host_of(each)] for each in self.mine()}
        locked = [each["id"] for each in self.mine() if each["locked"]]
        return where == self.where_they_run() and not locked

    def assert_each_was_built_once(self) -> None:
        """Every instance was built once since the fault."""
        assert Counter(each.uuid for each in self.spawned()) == Counter(self.uuids)


def tell(title: str, seconds: Mapping[str, float | None]) -> None:
    """Print what was measured, and how busy the machine was, as a line of JSON."""
    rounded = {name: round(value, 1) for name, value in seconds.items() if value is not None}
    load = [float(word) for word in Path("/proc/loadavg").read_text().split()[:3]]
    print("\n" + json.dumps({"what": title, **rounded, "load": load}))


def host_of(server: dict[str, Any]) -> str:
    """Where Nova has an instance."""
    return str(server["OS-EXT-SRV-ATTR:host"])


def is_well(server: dict[str, Any]) -> bool:
    """Whether an instance is ACTIVE and nothing is being done with it."""
    return server["status"] == "ACTIVE" and not server["OS-EXT-STS:task_state"]
