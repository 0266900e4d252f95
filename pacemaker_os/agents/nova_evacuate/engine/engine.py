"""One look at the cluster and at Nova, and whatever is to be done next. Called again and again, for ever.

Nothing is believed but what a look shows: a request in the cluster says that a node was fenced, and Nova's
own records say what was done about it. Nova's opinion that a host is down is never a reason to do anything.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pacemaker_os.agents.nova_evacuate.decide import limits
from pacemaker_os.agents.nova_evacuate.decide.records import WORKED_ON
from pacemaker_os.agents.nova_evacuate.decide.states import HostContext, Limits
from pacemaker_os.agents.nova_evacuate.engine.context import CloudContext
from pacemaker_os.agents.nova_evacuate.engine.crashes import Crashes
from pacemaker_os.agents.nova_evacuate.engine.evacuation import Evacuation
from pacemaker_os.agents.nova_evacuate.engine.services import Services
from pacemaker_os.agents.nova_evacuate.engine.task import Memory, Task
from pacemaker_os.agents.nova_evacuate.nova import forced_down, marker
from pacemaker_os.agents.nova_evacuate.report import Host, Report
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pacemaker_os.agents.nova_evacuate.engine.task import Each
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Service
    from pacemaker_os.agents.nova_evacuate.requests import Requests
    from pacemaker_os.agents.nova_evacuate.settings import Settings

#: Requests to Nova at the same time.
THREADS = 8

#: How often Nova is asked while no node is evacuated, in seconds.
LEISURE = 6.0

#: How long a lock that was asked for may still arrive after the last request closed, in seconds.
LATE = 120.0


def side_by_side(act: Callable[[str], None], words: Iterable[str]) -> None:
    """Do a thing for each word, several at a time. Raises the first failure, after all are done."""
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(act, word) for word in words]:
            future.result()


class Engine:
    """The engine. `clock` gives seconds that only grow, `wall` those since 1970."""

    def __init__(
        self,
        nova: Nova,
        requests: Requests,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        each: Each = side_by_side,
    ) -> None:
        self.nova, self.requests, self.settings = nova, requests, settings
        self.clock, self.wall, self.each = clock, wall, each
        self.cloud = CloudContext(nova, clock)
        self.services = Services(nova, clock)
        self.crashes = Crashes(nova, self.cloud, clock)
        self.memories: dict[str, Memory] = {}
        self.swept = False
        self.sweep_until = 0.0
        self.looked = False
        self.asked: float | None = None
        self.waiting: dict[str, str] = {}

    def look(self) -> Report:
        """Look once and do what is next. What fails is said in the report, and tried again next time."""
        report = Report()
        try:
            if not self.requests.quorate():
                report.errors.append("this part of the cluster has no quorum: nothing is done")
                return report
            opened = self.requests.open()
            self.remember(opened)
            if opened or self.asked is None or self.clock() - self.asked >= LEISURE:
                self.asked = self.clock()
                services = self.nova.services()
                self.cloud.services = services
                self.evacuate(opened, services, report)
                self.services.care(opened, services, self.requests, self.settings, report)
                self.sweep(opened)
                self.waiting = report.waiting
                if report.poll_soon:
                    self.asked = None
            else:
                report.waiting = self.waiting
            self.crashes.care(self.requests.crashed(), opened, self.settings, report)
        except Failure as failure:
            report.errors.append(failure.reason)
        return report

    def remember(self, opened: dict[str, str]) -> None:
        """Keep a memory for each open request, and forget those of closed ones."""
        names = set(opened.values())
        self.memories = {name: memory for name, memory in self.memories.items() if name in names}
        for name in names - set(self.memories):
            self.memories[name] = Memory(fresh=self.looked)
        self.looked = True

    def evacuate(self, opened: dict[str, str], services: Sequence[Service], report: Report) -> None:
        """Care for every node that has a request."""
        fenced = self.fenced(opened, services)
        hold = limits.too_many(opened, len(services), self.settings.threshold)
        report.errors.extend([hold] if hold else [])
        told: dict[str, Service] = {}
        for node, name in sorted(opened.items()):
            try:
                if service := self.told(node, name, services, report):
                    told[node] = service
            except Failure as failure:
                report.errors.append(f"{node}: {failure.reason}")
                report.hosts.append(Host(node, node, name, note="Nova could not be told"))
        records = {node: self.nova.evacuations(service.host) for node, service in told.items()}
        for node, service in told.items():
            try:
                self.work(node, opened[node], service, fenced, records, hold, report)
            except Failure as failure:
                report.errors.append(f"{node}: {failure.reason}")

    def fenced(self, opened: Iterable[str], services: Iterable[Service]) -> frozenset[str]:
        """The hosts that are surely off: with a request, or marked and not yet given back."""
        names = {name for node in opened for name in self.settings.names(node)}
        return frozenset(
            each.host
            for each in services
            if each.host in names or (each.forced_down and forced_down.own(each) is not None)
        )

    def told(self, node: str, name: str, services: Sequence[Service], report: Report) -> Service | None:
        """The service of a node, after Nova was told that it is down; None where there is nothing to do."""
        names = self.settings.names(node)
        service = forced_down.find(services, names)
        if service is not None and not service.known:
            self.memories[name].was_complete = False
            raise Failure(f"the database of the cell of {service.host} does not answer Nova")
        if service is not None and forced_down.forced_down_by_operator(service):
            service = self.marked_again(service, name)
        if service is None or not forced_down.adopted(service, name):
            service = forced_down.mark_down(self.nova, names, name)
        if service is None:
            report.errors.append(
                f"{node}: Nova knows no compute service of that name; see parameter 'domain'"
            )
            report.hosts.append(Host(node, "", name, note="no compute service"))
            return None
        if forced_down.forced_down_by_operator(service):
            self.requests.close(node)
            report.hosts.append(
                Host(node, service.host, name, note="forced down by somebody else: left alone")
            )
            return None
        self.memories[name].marker = forced_down.own(service)
        return service

    def marked_again(self, service: Service, name: str) -> Service:
        """The service, with our marker if somebody wrote another reason over it. Raises Failure."""
        known = self.memories[name].marker
        if known is not None:
            self.nova.set_service(service, status="disabled", disabled_reason=str(known))
            return replace(service, status="disabled", disabled_reason=str(known))
        if any(marker.request_of(each.lock) == name for each in self.nova.servers(host=service.host)):
            raise Failure(
                f"somebody took away what was written on Nova's service {service.host}: "
                f"'{service.disabled_reason}' instead of a reason with {name}; evacuate the rest by hand"
            )
        return service

    def work(
        self,
        node: str,
        name: str,
        service: Service,
        fenced: frozenset[str],
        records: dict[str, list[Migration]],
        hold: str,
        report: Report,
    ) -> None:
        """Evacuate one host; its request is closed when every instance is accounted for."""
        found = forced_down.own(service)
        if found is None:
            return
        online = self.requests.online()
        why = hold or self.too_early(node, name, online)
        limits = self.settings.limits()
        if node in online:
            # It runs its instances itself, sooner than room is found for them, or than what failed twice
            # succeeds: a target that was off while it built one has it still, and builds it no more.
            limits = replace(limits, capacity_timeout=0.0, max_attempts_at_home=min(2, limits.max_attempts))
        begun = tries(records[node], found.after)
        if not (why or begun or found.reserve):
            found = forced_down.reserve(self.nova, service, found, self.settings.reserves())
            self.memories[name].marker = found
        task = Task(
            node,
            service.host,
            name,
            found.reserve,
            self.context(service.host, fenced, limits),
            begun,
            orphans(records.values(), service.host),
            why,
        )
        evacuation = Evacuation(self.nova, self.settings, self.cloud, self.memories[name], task)
        host = evacuation.run(self.each)
        report.requested += evacuation.asked
        report.hosts.append(host)
        # Twice: a database that is just going down makes a list empty a moment before Nova says so.
        memory, done = self.memories[name], host.is_complete and not why
        if done and memory.was_complete:
            self.requests.close(node)
        memory.was_complete = done

    def context(self, host: str, fenced: frozenset[str], limits: Limits) -> HostContext:
        """What is the same for all instances of a host."""
        running = self.requests.running()
        runs = {name: runs for node, runs in running.items() for name in self.settings.names(node)}
        began = {name: each.began for name, each in runs.items()}
        booted = {name: each.booted for name, each in runs.items()}
        others = [each for each in self.cloud.services if each.host != host]
        whole = fenced == {host} and all(each.state == "up" for each in others)
        served = min((began.get(each.host, 0.0) for each in others), default=0.0) if whole else None
        return HostContext(host, fenced, self.clock(), limits, began, booted, served)

    def too_early(self, node: str, name: str, online: frozenset[str]) -> str:
        """Why nothing is asked for yet."""
        if node in online and node in self.requests.running():
            return (
                "Pacemaker has nova-compute running there: it was not fenced, or its state is not cleared yet"
            )
        waited = self.wall() - began(name)
        if waited < self.settings.delay:
            return f"waiting {self.settings.delay - waited:.0f} s more, as the parameter 'delay' says"
        return ""

    def sweep(self, opened: dict[str, str]) -> None:
        """Unlock what was left locked after the work was done: by an engine before this, or by a late answer.

        Once at the begin, and for a while after the last request was closed.
        """
        now = self.clock()
        if opened:
            self.sweep_until = now + LATE
        if self.swept and (opened or now > self.sweep_until):
            return
        locked, names = self.nova.servers(locked="true"), set(opened.values())
        left = [
            server.id
            for server in locked
            if marker.is_ours(server.lock) and marker.request_of(server.lock) not in names
        ]
        for server in locked:
            if server.lock == marker.MOVING:
                self.crashes.moving.setdefault(server.id, now)
        self.each(self.nova.unlock, left)
        self.swept = True


def tries(records: Iterable[Migration], after: int) -> dict[str, list[Migration]]:
    """The evacuations of each instance that came after the one with the number `after`, oldest first."""
    found: dict[str, list[Migration]] = {}
    for each in records:
        if each.id > after:
            found.setdefault(each.instance, []).append(each)
    return found


def orphans(records: Iterable[Iterable[Migration]], host: str) -> frozenset[str]:
    """The instances that were on their way to a host when it died."""
    return frozenset(
        each.instance
        for others in records
        for each in others
        if each.dest == host and each.status in WORKED_ON
    )


def began(name: str) -> float:
    """When a request was made, in seconds since 1970; 0 for a name that does not say."""
    from calendar import timegm

    try:
        return float(timegm(time.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ")))
    except ValueError:
        return 0.0
