"""A cluster around the simulated cloud: Pacemaker, and an engine that can be killed at any step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from nova_fake import Cloud
from nova_world import WALL

from pacemaker_os.agents.nova_evacuate.engine.engine import Engine
from pacemaker_os.agents.nova_evacuate.nova.client import Nova
from pacemaker_os.agents.nova_evacuate.nova.credentials import parse
from pacemaker_os.agents.nova_evacuate.nova.session import Request, Response, Session
from pacemaker_os.agents.nova_evacuate.report import Report
from pacemaker_os.agents.nova_evacuate.requests import Runs
from pacemaker_os.agents.nova_evacuate.settings import Settings
from pacemaker_os.ocf.deadline import Deadline

ACCESS = {
    "OS_AUTH_URL": "http://cloud.example",
    "OS_USERNAME": "nova",
    "OS_PASSWORD": "right",
    "OS_PROJECT_NAME": "service",
}


class Killed(BaseException):
    """The engine was killed at this step."""


@dataclass
class Cluster:
    """The part of Pacemaker that the engine uses: `requests.Requests` without programs."""

    requests: dict[str, str] = field(default_factory=dict)
    computes: set[str] = field(default_factory=set)
    began: dict[str, float] = field(default_factory=dict)
    booted: dict[str, float] = field(default_factory=dict)
    there: set[str] = field(default_factory=set)
    has_quorum: bool = True
    counter: int = 0
    names_crashed: dict[str, list[str]] = field(default_factory=dict)

    def open(self) -> dict[str, str]:
        return dict(self.requests)

    def of(self, node: str) -> str:
        return self.requests.get(node, "")

    def record(self, node: str) -> str:
        self.counter += 1
        return self.requests.setdefault(node, f"20261120T170000Z-{self.counter:04}")

    def close(self, node: str) -> None:
        self.requests.pop(node, None)

    def running(self) -> dict[str, Runs]:
        return {name: Runs(self.began.get(name, 0.0), self.booted.get(name, 0.0)) for name in self.computes}

    def online(self) -> frozenset[str]:
        return frozenset(self.there)

    def crashed(self) -> dict[str, list[str]]:
        return dict(self.names_crashed)

    def restart_nova_compute(self, node: str) -> None:
        self.computes.discard(node)

    def quorate(self) -> bool:
        return self.has_quorum


class Mortal:
    """Passes calls on. `may_die` runs before and after each, and may raise Killed."""

    def __init__(self, inner: Any, may_die: Callable[[], None]) -> None:
        self._inner, self._may_die = inner, may_die

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self._may_die()
            answer = getattr(self._inner, name)(*arguments)
            self._may_die()
            return answer

        return call


class Site:
    """The cloud, the cluster, and an engine that Pacemaker restarts.

    The power device powers a fenced node on again, unless the node is `broken`. nova-compute starts there
    when the evacuation request is closed, as with the location rule.
    """

    def __init__(self, cloud: Cloud, **settings: Any) -> None:
        self.cloud, self.cluster = cloud, Cluster()
        self.cluster.there = set(cloud.machines)
        self.cluster.computes = set(cloud.machines)
        self.settings = replace(Settings(shared_storage=True), **settings)
        self.engine: Engine | None = None
        self.kills: list[int] = []
        self.steps = 0
        self.broken: set[str] = set()
        self.report = Report()

    def may_die(self) -> None:
        self.steps += 1
        if self.steps in self.kills:
            raise Killed

    def exchange(self, request: Request) -> Response:
        self.may_die()
        answer = self.cloud.exchange(request)
        self.may_die()
        return answer

    def nova(self) -> Nova:
        deadline = lambda s: Deadline(s, clock=self.cloud.clock, sleep=self.cloud.sleep)  # noqa: E731
        return Nova(Session(parse(ACCESS, "test"), self.exchange, deadline=deadline))

    def new_engine(self) -> Engine:
        return Engine(
            self.nova(),
            Mortal(self.cluster, self.may_die),
            self.settings,
            clock=self.cloud.clock,
            wall=lambda: WALL + self.cloud.now,
            each=lambda act, words: [act(word) for word in words] and None,
        )

    def fence(self, name: str, *, back: bool = False) -> None:
        """Fence a node: it is off, and fence_nova has opened a request.

        With `back`, it is powered on again.
        """
        self.cloud.power_off(name)
        self.cluster.computes.discard(name)
        self.cluster.there.discard(name)
        self.cluster.record(name)
        if back:
            self.come_back(name)

    def come_back(self, name: str) -> None:
        self.cloud.power_on(name)
        self.cluster.there.add(name)
        self.cluster.booted[name] = WALL + self.cloud.now

    def pacemaker(self) -> None:
        """Start nova-compute on all nodes on which it may run."""
        for name in self.cluster.there - self.cluster.computes - set(self.cluster.requests) - self.broken:
            self.cloud.start_compute(name)
            self.cluster.computes.add(name)
            self.cluster.began[name] = WALL + self.cloud.now

    def step(self, seconds: float = 1.0) -> None:
        """Run one poll cycle, with a new engine if the last was killed, and let some time pass."""
        if self.engine is None:
            self.engine = self.new_engine()
        try:
            self.report = self.engine.poll()
        except Killed:
            self.engine = None
        self.pacemaker()
        self.cloud.sleep(seconds)

    def run(self, seconds: float) -> None:
        end = self.cloud.now + seconds
        while self.cloud.now < end:
            self.step()

    def until_closed(self, within: float = 2000.0) -> float:
        """Run cycles until no request is open; return the seconds."""
        begin = self.cloud.now
        while self.cluster.requests:
            assert self.cloud.now - begin < within, (self.report, self.cloud.violations)
            self.step()
        return self.cloud.now - begin

    def states(self) -> dict[str, str]:
        """Return the state of each instance in the last report."""
        return {each.id: str(each.state) for host in self.report.hosts for each in host.instances}

    def reasons(self) -> dict[str, str]:
        return {each.id: each.reason for host in self.report.hosts for each in host.instances}


def site(guests: int = 10, machines: int = 3, **settings: object) -> Site:
    return Site(Cloud(machines, guests), **settings)


def successes(cloud: Cloud) -> Counter[str]:
    return Counter(move.guest for move in cloud.moves if move.status in ("done", "completed"))


def all_well(found: Site, dead: str = "compute1") -> None:
    """Check that each instance was evacuated once, runs once, and is unlocked, without violations."""
    cloud = found.cloud
    assert cloud.violations == []
    assert set(successes(cloud).values()) == {1}
    for guest in cloud.guests.values():
        assert guest.host != dead
        assert (guest.vm_state, guest.task_state, guest.locked) == ("active", None, False)
        assert guest.id in cloud.machines[guest.host].runs


def all_run(found: Site) -> None:
    """Check that each instance runs on its host in Nova, is unlocked, and that there are no violations."""
    assert found.cloud.violations == []
    for guest in found.cloud.guests.values():
        assert (guest.vm_state, guest.task_state, guest.locked) == ("active", None, False)
        assert guest.id in found.cloud.machines[guest.host].runs, (guest, found.cloud.moves)
