"""An evacuation drill: a compute node fails, and its instances are evacuated; times in seconds."""

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

from cloud_faults import controller, set_engine_running
from guests import Event, events, running
from lab_cloud import LabCloud, pcs_os
from nova_client import Nova, until

from pacemaker_os.cluster.setup.facts import online_nodes

#: Timeouts for the evacuation of forty instances on two cores, and for the return of a node, in seconds.
EVACUATION_TIMEOUT, RETURN_TIMEOUT = 600.0, 300.0

REQUEST = "nova-evacuation"

LOG = "/var/log/pacemaker/pacemaker.log"

Fault = Callable[[], None]


@dataclass(slots=True)
class Times:
    """Times of events, in seconds after the fault; None if the event did not occur."""

    fenced: float | None = None
    forced_down: float | None = None
    first_built: float | None = None
    last_built: float | None = None
    first_active: float | None = None
    last_active: float | None = None
    closed: float | None = None
    back: float | None = None


class Drill:
    """The compute node with the instances, `victim`, fails; `target` is the other one."""

    def __init__(self, cloud: LabCloud, nova: Nova, uuids: list[str]) -> None:
        self.cloud, self.nova, self.uuids = cloud, nova, uuids
        self.times, self.start = Times(), 0.0
        hosts = Counter(host_of(each) for each in self.instances())
        self.victim = max(hosts, key=lambda host: hosts[host])
        self.target = next(host for host in cloud.nodes("compute") if host != self.victim)
        assert self.running_hosts() == {uuid: [self.victim] for uuid in uuids}

    def instances(self) -> list[dict[str, Any]]:
        """Return the instances from Nova."""
        return [each for each in self.nova.servers() if each["id"] in self.uuids]

    def running_hosts(self) -> dict[str, list[str]]:
        """Return the hosts of each instance according to the hypervisors."""
        found = running(self.cloud)
        return {uuid: found.get(uuid, []) for uuid in self.uuids}

    def fail(self, fault: str = "kill") -> None:
        """Inject a fault on the victim and start the clock."""
        self.start = time.time()
        pcs_os("lab", "fault", fault, "--name", self.cloud.lab, self.victim)

    def run_to_completion(
        self, title: str, *, at: Mapping[int, Fault] | None = None, timeout: float = EVACUATION_TIMEOUT
    ) -> None:
        """Wait until each instance is ACTIVE on another host, and the victim is back.

        `at` are further faults, by the number of moved instances at which each is injected.
        """
        due = dict(at or {})
        self.wait_until_moved(due, timeout)
        self.wait_back(self.victim)
        self.print_times(title)
        assert not due, "the evacuation ended before all faults were injected"
        assert self.matches_nova()
        assert self.kept_nova_compute_stopped()

    def wait_until_moved(self, due: dict[int, Fault], timeout: float) -> None:
        """Wait until each instance is ACTIVE on another host; inject the faults in `due` and remove them."""
        times = self.times

        def all_moved() -> bool:
            service = self.nova.services()[self.victim]
            moved = sum(is_well(each) and host_of(each) != self.victim for each in self.instances())
            now = time.time() - self.start
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

        until(all_moved, timeout, interval=1.5)

    def print_times(self, title: str) -> None:
        """Print the times of events."""
        times, built = self.times, [each.time - self.start for each in self.spawned()]
        times.first_built, times.last_built = min(built), max(built)
        times.fenced = self.fenced_at()
        print_times(title, asdict(times))

    def wait_until_settled(self, *, at: Mapping[int, Fault]) -> None:
        """Wait until each instance is evacuated or reported as stuck."""
        due = dict(at)

        def settled() -> bool:
            moved = sum(is_well(each) and host_of(each) != self.victim for each in self.instances())
            for count in [count for count in due if moved >= count]:
                due.pop(count)()
            args = ["instances", "status", "--container", controller(self.cloud).name, "--json"]
            hosts = json.loads(pcs_os(*args).stdout)["hosts"]
            states = {each["state"] for host in hosts for each in host["instances"]}
            return not due and states <= {"evacuated", "stuck"}

        until(settled, EVACUATION_TIMEOUT, interval=1.5)

    def wait_until_active(self, title: str, *, at: Mapping[int, Fault]) -> None:
        """Wait until each instance is ACTIVE on any host, and both nodes are back."""
        due = dict(at)

        def all_active() -> bool:
            found = self.instances()
            moved = sum(is_well(each) and host_of(each) != self.victim for each in found)
            for count in [count for count in due if moved >= count]:
                due.pop(count)()
            return not due and self.open_requests() == {} and all(is_well(each) for each in found)

        until(all_active, EVACUATION_TIMEOUT, interval=1.5)
        for host in (self.victim, self.target):
            self.wait_back(host)
        until(self.matches_nova, RETURN_TIMEOUT)
        print_times(title, {"active": time.time() - self.start})

    def evacuate_manually(self) -> float:
        """Evacuate all instances in parallel, with Nova only; return the seconds until all are ACTIVE."""
        set_engine_running(self.cloud, running=False)
        self.fail()
        until(lambda: self.nova.services()[self.victim]["forced_down"], EVACUATION_TIMEOUT, interval=0.2)
        requested = time.time()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda uuid: self.nova.act(uuid, "evacuate", {}), self.uuids))
        until(
            lambda: all(is_well(s) and host_of(s) != self.victim for s in self.instances()),
            EVACUATION_TIMEOUT,
        )
        took = time.time() - requested
        set_engine_running(self.cloud, running=True)
        self.wait_back(self.victim)
        self.assert_each_was_built_once()
        return took

    def assert_nothing_happens(self, seconds: float) -> None:
        """Assert that for some seconds no evacuation is requested and no instance moves."""
        before, end = len(self.nova.migrations()), time.monotonic() + seconds
        while time.monotonic() < end:
            assert not self.request(self.victim)
            time.sleep(1)
        assert len(self.nova.migrations()) == before
        assert self.running_hosts() == {uuid: [self.victim] for uuid in self.uuids}

    def kill_target(self) -> None:
        """Cut the power of the target."""
        pcs_os("lab", "fault", "kill", "--name", self.cloud.lab, self.target)

    def wait_back(self, host: str) -> None:
        """Wait until the evacuation request of a node is closed and Nova uses the node again."""

        def is_back() -> bool:
            if self.request(host):
                return False
            self.times.closed = self.times.closed or time.time() - self.start
            return self.nova.uses(host)

        until(is_back, RETURN_TIMEOUT)
        self.times.back = time.time() - self.start

    def wait_for_controllers(self) -> None:
        """Wait until all controllers are online again and the cluster has settled."""
        controllers = set(self.cloud.nodes("controller"))
        until(lambda: controllers <= online_nodes(controller(self.cloud)), RETURN_TIMEOUT)
        controller(self.cloud).run(["crm_resource", "--wait", "--timeout=600s"], timeout=630)

    def request(self, node: str) -> str:
        """Return the evacuation request of a node; an empty text if it has none."""
        return self.open_requests().get(node, "")

    def open_requests(self) -> dict[str, str]:
        """Return the open evacuation requests, by node."""
        nodes = controller(self.cloud).run(["cibadmin", "--query", "--scope", "nodes"]).text
        return {
            str(node.get("uname")): str(pair.get("value"))
            for node in ElementTree.fromstring(nodes).iter("node")
            for pair in node.iter("nvpair")
            if pair.get("name") == REQUEST
        }

    def fenced_at(self) -> float | None:
        """Return when the victim was fenced according to the Pacemaker log, in seconds after the fault."""
        argv = ["grep", "-h", f"Operation '[a-z]*' targeting {self.victim} .* OK", LOG]
        year = datetime.now(tz=UTC).year
        for name in self.cloud.nodes("controller"):
            for line in self.cloud.node(name).run(argv, ok=(0, 1)).text.splitlines():
                moment = datetime.strptime(f"{year} {line[:19]}+0000", "%Y %b %d %H:%M:%S.%f%z").timestamp()
                if moment >= self.start:
                    return moment - self.start
        return None

    def spawned(self) -> list[Event]:
        """Return the instances that hypervisors spawned since the fault."""
        found = events(self.cloud, self.start)
        return [each for each in found if each.action.startswith("spawn") and each.uuid in self.uuids]

    def kept_nova_compute_stopped(self) -> bool:
        """Return whether nova-compute started on the victim only after all spawns on other hosts."""
        since = events(self.cloud, self.start)
        starts = [each.time for each in since if (each.host, each.action) == (self.victim, "begin")]
        return bool(starts) and min(starts) > max(each.time for each in self.spawned())

    def matches_nova(self) -> bool:
        """Return whether each instance runs only on its host in Nova, and is not locked."""
        hosts = {each["id"]: [host_of(each)] for each in self.instances()}
        locked = [each["id"] for each in self.instances() if each["locked"]]
        return hosts == self.running_hosts() and not locked

    def assert_each_was_built_once(self) -> None:
        """Assert that each instance was spawned once since the fault."""
        assert Counter(each.uuid for each in self.spawned()) == Counter(self.uuids)


def print_times(title: str, seconds: Mapping[str, float | None]) -> None:
    """Print measurements and the load average as a line of JSON."""
    rounded = {name: round(value, 1) for name, value in seconds.items() if value is not None}
    load = [float(value) for value in Path("/proc/loadavg").read_text().split()[:3]]
    print("\n" + json.dumps({"what": title, **rounded, "load": load}))


def host_of(server: dict[str, Any]) -> str:
    """Return the host of an instance in Nova."""
    return str(server["OS-EXT-SRV-ATTR:host"])


def is_well(server: dict[str, Any]) -> bool:
    """Return whether an instance is ACTIVE and has no running task."""
    return server["status"] == "ACTIVE" and not server["OS-EXT-STS:task_state"]
