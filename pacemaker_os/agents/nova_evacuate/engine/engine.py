"""The evacuation engine.

Each poll cycle reads the state of the cluster and of Nova, and takes the next actions.

Actions depend only on this state: a request in the CIB records that a node was fenced, and Nova's own records
show the progress of its evacuation. Nova's view that a host is down is never a reason for an action.
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

#: Number of parallel requests to Nova.
THREADS = 8

#: Interval of polling Nova while no node is being evacuated, in seconds.
IDLE_INTERVAL = 6.0

#: Time after the last request is closed, in seconds, in which a delayed lock request may still be executed.
LATE_LOCK_PERIOD = 120.0


def run_parallel(act: Callable[[str], None], items: Iterable[str]) -> None:
    """Run an action for each item, several at the same time.

    Raises the first failure after all have ended.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(act, item) for item in items]:
            future.result()


class Engine:
    """The engine. `clock` is a monotonic clock, `wall` the time in seconds since 1970."""

    def __init__(
        self,
        nova: Nova,
        requests: Requests,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        each: Each = run_parallel,
    ) -> None:
        self.nova, self.requests, self.settings = nova, requests, settings
        self.clock, self.wall, self.each = clock, wall, each
        self.cloud = CloudContext(nova, clock)
        self.services = Services(nova, clock)
        self.crashes = Crashes(nova, self.cloud, clock)
        self.memories: dict[str, Memory] = {}
        self.swept = False
        self.sweep_until = 0.0
        self.polled = False
        self.last_poll: float | None = None
        self.waiting: dict[str, str] = {}

    def poll(self) -> Report:
        """Run one poll cycle. Failures are part of the report, and the next cycle retries."""
        report = Report()
        try:
            if not self.requests.quorate():
                report.errors.append("no quorum in this partition: evacuation suspended")
                return report
            opened = self.requests.open()
            self.update_memories(opened)
            if opened or self.last_poll is None or self.clock() - self.last_poll >= IDLE_INTERVAL:
                self.last_poll = self.clock()
                services = self.nova.services()
                self.cloud.services = services
                self.evacuate(opened, services, report)
                self.services.handle(opened, services, self.requests, self.settings, report)
                self.sweep(opened)
                self.waiting = report.waiting
                if report.poll_soon:
                    self.last_poll = None
            else:
                report.waiting = self.waiting
            self.crashes.handle(self.requests.crashed(), opened, self.settings, report)
        except Failure as failure:
            report.errors.append(failure.reason)
        return report

    def update_memories(self, opened: dict[str, str]) -> None:
        """Create the memory of each new request, and drop that of closed requests."""
        names = set(opened.values())
        self.memories = {name: memory for name, memory in self.memories.items() if name in names}
        for name in names - set(self.memories):
            self.memories[name] = Memory(fresh=self.polled)
        self.polled = True

    def evacuate(self, opened: dict[str, str], services: Sequence[Service], report: Report) -> None:
        """Evacuate all nodes with a request."""
        fenced = self.fenced(opened, services)
        hold = limits.too_many(opened, len(services), self.settings.threshold)
        report.errors.extend([hold] if hold else [])
        marked: dict[str, Service] = {}
        for node, name in sorted(opened.items()):
            try:
                if service := self.marked_service(node, name, services, report):
                    marked[node] = service
            except Failure as failure:
                report.errors.append(f"{node}: {failure.reason}")
                report.hosts.append(Host(node, node, name, note="not marked as down in Nova yet"))
        records = {node: self.nova.evacuations(service.host) for node, service in marked.items()}
        for node, service in marked.items():
            try:
                self.evacuate_host(node, opened[node], service, fenced, records, hold, report)
            except Failure as failure:
                report.errors.append(f"{node}: {failure.reason}")

    def fenced(self, opened: Iterable[str], services: Iterable[Service]) -> frozenset[str]:
        """Return the hosts that are known to be off: with a request, or marked and not re-enabled yet."""
        names = {name for node in opened for name in self.settings.names(node)}
        return frozenset(
            each.host
            for each in services
            if each.host in names or (each.forced_down and forced_down.own(each) is not None)
        )

    def marked_service(
        self, node: str, name: str, services: Sequence[Service], report: Report
    ) -> Service | None:
        """Return the compute service of a node after it was marked as down; None if nothing is to do."""
        names = self.settings.names(node)
        service = forced_down.find(services, names)
        if service is not None and not service.known:
            self.memories[name].was_complete = False
            raise Failure(f"Nova cannot reach the database of the cell of {service.host}")
        if service is not None and forced_down.forced_down_by_operator(service):
            service = self.restore_marker(service, name)
        if service is None or not forced_down.adopted(service, name):
            service = forced_down.mark_down(self.nova, names, name)
        if service is None:
            report.errors.append(
                f"{node}: Nova has no compute service with this host name; check the parameter 'domain'"
            )
            report.hosts.append(Host(node, "", name, note="no compute service"))
            return None
        if forced_down.forced_down_by_operator(service):
            self.requests.close(node)
            report.hosts.append(
                Host(node, service.host, name, note="skipped: an operator forced this compute service down")
            )
            return None
        self.memories[name].marker = forced_down.own(service)
        return service

    def restore_marker(self, service: Service, name: str) -> Service:
        """Return the service, with its marker restored if it was overwritten. Raises Failure."""
        known = self.memories[name].marker
        if known is not None:
            self.nova.set_service(service, status="disabled", disabled_reason=str(known))
            return replace(service, status="disabled", disabled_reason=str(known))
        if any(marker.request_of(each.lock) == name for each in self.nova.servers(host=service.host)):
            raise Failure(
                f"the marker {name} in the disabled reason of compute service {service.host} was "
                f"overwritten with '{service.disabled_reason}'; evacuate the remaining instances manually"
            )
        return service

    def evacuate_host(
        self,
        node: str,
        name: str,
        service: Service,
        fenced: frozenset[str],
        records: dict[str, list[Migration]],
        hold: str,
        report: Report,
    ) -> None:
        """Evacuate one host, and close its request when the evacuation of every instance has ended."""
        found = forced_down.own(service)
        if found is None:
            return
        online = self.requests.online()
        why = hold or self.too_early(node, name, online)
        limits = self.settings.limits()
        if node in online:
            # The node can run its instances itself, sooner than capacity becomes free or a third attempt
            # succeeds: a target that was off during a rebuild still has the instance, but does not continue
            # the rebuild.
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
        report.requested += evacuation.requested
        report.hosts.append(host)
        # This must be true in two cycles: while a database goes down, lists are empty shortly before Nova
        # reports it.
        memory, done = self.memories[name], host.is_complete and not why
        if done and memory.was_complete:
            self.requests.close(node)
        memory.was_complete = done

    def context(self, host: str, fenced: frozenset[str], limits: Limits) -> HostContext:
        """Return the data that all instances of a host share."""
        running = self.requests.running()
        runs = {name: runs for node, runs in running.items() for name in self.settings.names(node)}
        began = {name: each.began for name, each in runs.items()}
        booted = {name: each.booted for name, each in runs.items()}
        others = [each for each in self.cloud.services if each.host != host]
        all_up = fenced == {host} and all(each.state == "up" for each in others)
        served = min((began.get(each.host, 0.0) for each in others), default=0.0) if all_up else None
        return HostContext(host, fenced, self.clock(), limits, began, booted, served)

    def too_early(self, node: str, name: str, online: frozenset[str]) -> str:
        """Return why the evacuation must not start yet."""
        if node in online and node in self.requests.running():
            return (
                "Pacemaker still runs nova-compute on this node: it was not fenced, or its "
                "status is not cleared yet"
            )
        waited = self.wall() - began(name)
        if waited < self.settings.delay:
            return f"waiting {self.settings.delay - waited:.0f} s (parameter 'delay')"
        return ""

    def sweep(self, opened: dict[str, str]) -> None:
        """Unlock instances that were left locked by an earlier engine or by a delayed lock request.

        This runs once at the start of an engine, and for some time after the last request is closed.
        """
        now = self.clock()
        if opened:
            self.sweep_until = now + LATE_LOCK_PERIOD
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
    """Return the evacuations of each instance with an id higher than `after`, oldest first."""
    found: dict[str, list[Migration]] = {}
    for each in records:
        if each.id > after:
            found.setdefault(each.instance, []).append(each)
    return found


def orphans(records: Iterable[Iterable[Migration]], host: str) -> frozenset[str]:
    """Return the instances that were being evacuated to a host when it failed."""
    return frozenset(
        each.instance
        for others in records
        for each in others
        if each.dest == host and each.status in WORKED_ON
    )


def began(name: str) -> float:
    """Return when a request was opened, in seconds since 1970; 0 if its name does not contain the time."""
    from calendar import timegm

    try:
        return float(timegm(time.strptime(name.partition("-")[0], "%Y%m%dT%H%M%SZ")))
    except ValueError:
        return 0.0
