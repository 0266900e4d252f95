"""The evacuation of one fenced host: read its instances, decide, request evacuations, and unlock."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.nova_evacuate.decide import capacity, limits, policy, records
from pacemaker_os.agents.nova_evacuate.decide.next_action import next_action
from pacemaker_os.agents.nova_evacuate.decide.policy import InstanceContext
from pacemaker_os.agents.nova_evacuate.decide.states import InstanceHistory, State, Verdict
from pacemaker_os.agents.nova_evacuate.engine.cleanup import InstanceCleanup
from pacemaker_os.agents.nova_evacuate.nova import marker
from pacemaker_os.agents.nova_evacuate.nova.session import OutcomeUnknown, Refused, Unreachable
from pacemaker_os.agents.nova_evacuate.report import Host, Instance
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pacemaker_os.agents.nova_evacuate.engine.context import CloudContext
    from pacemaker_os.agents.nova_evacuate.engine.task import Each, Memory, Task
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Migration, Server
    from pacemaker_os.agents.nova_evacuate.settings import Settings


class Evacuation:
    """The part of a poll cycle for one host."""

    def __init__(
        self, nova: Nova, settings: Settings, cloud: CloudContext, memory: Memory, task: Task
    ) -> None:
        self.nova, self.settings, self.memory, self.task = nova, settings, memory, task
        self.cloud, self.policy = cloud, settings.policy()
        self.requested: list[str] = []
        self.servers: dict[str, Server | None] = {}

    def run(self, each: Each) -> Host:
        """Read the instances, decide, request evacuations, and finish those that have ended."""
        self.servers = self.read_servers()
        verdicts = {uuid: self.verdict(uuid) for uuid in self.servers}
        if self.task.hold:
            verdicts = {uuid: self.suspended(verdict) for uuid, verdict in verdicts.items()}
        else:
            verdicts |= self.without_capacity(verdicts)
            self.request_evacuations(verdicts, each)
        done = InstanceCleanup(self.nova, self.memory, self.task, self.servers).run(verdicts, each)
        return self.host(verdicts, done)

    def suspended(self, verdict: Verdict) -> Verdict:
        """Return the verdict while the evacuation is suspended."""
        return Verdict(State.WAITING, self.task.hold) if verdict.state is State.PENDING else verdict

    def read_servers(self) -> dict[str, Server | None]:
        """Return every instance that is on the host, or was when its evacuation was requested."""
        done = self.memory.settled
        found: dict[str, Server | None] = {each.id: each for each in self.nova.servers(host=self.task.host)}
        requested = dict.fromkeys((*self.task.tries, *self.memory.known))
        elsewhere = [uuid for uuid in requested if uuid not in found and uuid not in done]
        # These instances are locked, so one query finds all that have moved since.
        locked = {each.id: each for each in self.nova.servers(locked="true")} if elsewhere else {}
        found |= {uuid: locked[uuid] for uuid in elsewhere if uuid in locked}
        found |= {uuid: self.nova.server(uuid) for uuid in elsewhere if uuid not in locked}
        return {uuid: server for uuid, server in found.items() if uuid not in done}

    def known(self, uuid: str, server: Server) -> InstanceHistory:
        """Return the history of an instance, updated with its current state."""
        now, tries = self.task.context.now, self.task.tries_of(uuid)
        shows = (
            server.task_state,
            server.host,
            len(tries),
            *((each.status, each.dest) for each in tries),
        )
        known = self.memory.known.get(uuid)
        if known is None:
            # The lock is set before an evacuation is requested. Without a lock, none was requested. With a
            # lock, an earlier engine may just have requested one, or a user locked the instance.
            clear = self.memory.fresh or server.lock is None
            known = InstanceHistory(
                requested_at=None if clear else now, records=len(tries), unchanged_since=now
            )
        elif self.memory.shown.get(uuid) != shows:
            known = replace(known, unchanged_since=now, was_reset=False)
        elif records.may_be_reset(server, self.task.context) and records.is_worked_on(tries):
            quiet = now - known.unchanged_since >= self.task.context.limits.grace_period
            known = replace(known, was_reset=quiet and self.nova.was_reset(uuid))
        self.memory.shown[uuid] = shows
        self.memory.known[uuid] = known
        return known

    def verdict(self, uuid: str, room: str = "") -> Verdict:
        """Return the verdict for one instance."""
        server = self.servers[uuid]
        if server is None:
            return Verdict(State.DELETED)
        known, tries = self.known(uuid, server), self.task.tries_of(uuid)
        why = policy.why_not(server, self.instance_context(server), self.policy, ours=bool(tries))
        orphan = uuid in self.task.orphans
        return next_action(server, tries, known, self.task.context, excluded=why, room=room, orphan=orphan)

    def instance_context(self, server: Server) -> InstanceContext:
        """Return the properties that the rules need and that are not part of the instance."""
        return self.cloud.instance_context(server, self.task.host, self.policy.kinds)

    def without_capacity(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """Return new verdicts for pending instances without a host with free capacity."""
        pending = self.in_order(verdicts, len(verdicts))
        if not pending:
            return {}
        places = self.cloud.places(self.task.context.fenced)
        if places is None:  # Placement is not available, so Nova decides
            return {}
        found = {}
        for server in pending:
            groups = self.cloud.groups_of(server.id)
            where = self.cloud.where(groups, server.id)
            host, reason = capacity.choose(server, places, groups, where, self.task.host)
            known = self.memory.known[server.id]
            since = known.no_capacity_since if known.no_capacity_since is not None else self.task.context.now
            self.memory.known[server.id] = replace(known, no_capacity_since=since if reason else None)
            if reason:
                found[server.id] = self.verdict(server.id, room=reason)
            else:
                places = capacity.without_instance(server, host, places)
        return found

    def in_order(self, verdicts: Mapping[str, Verdict], max_concurrent: int, busy: int = 0) -> list[Server]:
        """Return the instances to evacuate next, by priority."""
        servers = {server.id: server for server in self.servers.values() if server}
        priorities = {uuid: policy.priority(server, self.policy) for uuid, server in servers.items()}
        order = limits.next_to_evacuate(verdicts, priorities, max_concurrent=max_concurrent, busy=busy)
        return [servers[uuid] for uuid in order]

    def request_evacuations(self, verdicts: Mapping[str, Verdict], each: Each) -> None:
        """Request as many evacuations as the limit allows."""
        in_progress = [uuid for uuid, verdict in verdicts.items() if verdict.state is State.IN_PROGRESS]
        busy = sum(
            records.is_to_be_built(self.servers[uuid], self.task.tries_of(uuid)) for uuid in in_progress
        )
        order = self.in_order(verdicts, self.settings.max_concurrent, busy)
        each(self.request_evacuation, [server.id for server in order])
        if order:
            self.cloud.evacuated()

    def request_evacuation(self, uuid: str) -> None:
        """Request one evacuation.

        The lock comes first, so that any engine knows that it may have been requested.
        """
        server, now = self.servers[uuid], self.task.context.now
        if server is None:
            return
        store, tries = self.memory.known, self.task.tries_of(uuid)
        try:
            if server.lock is None:
                stopped = server.vm_state == "stopped"
                self.nova.lock(uuid, marker.lock(self.task.request, stopped=stopped))
        except Failure as failure:
            store[uuid] = replace(store[uuid], error=failure.reason)
            return
        before, store[uuid] = store[uuid], replace(store[uuid], requested_at=now, records=len(tries))
        try:
            self.nova.evacuate(uuid, self.requested_host(server, tries))
        except Refused as refused:
            count = before.refusals + 1
            store[uuid] = replace(
                before, requested_at=None, refused_at=now, refusals=count, error=refused.reason
            )
        except Unreachable as failure:
            store[uuid] = replace(before, requested_at=None, error=failure.reason)
        except OutcomeUnknown as unknown:
            store[uuid] = replace(store[uuid], error=unknown.reason)
        else:
            self.requested.append(uuid)

    def requested_host(self, server: Server, tries: Sequence[Migration]) -> str:
        """Return the host on which Nova must rebuild the instance; empty if it may choose.

        A reserved host is used for the first attempt only; after a failure Nova may choose any host.
        """
        left = records.left_on(server, tries, self.memory.known[server.id], self.task.context)
        if left is not None:
            return left.dest
        return "" if tries else self.task.reserve

    def host(self, verdicts: Mapping[str, Verdict], done: Collection[str]) -> Host:
        """Return the report of the host, and remember the instances whose evacuation has ended."""
        reported = {}
        for uuid, verdict in verdicts.items():
            server = self.servers[uuid]
            if uuid in self.requested:
                verdict = Verdict(State.IN_PROGRESS, "requested")
            reported[uuid] = Instance(uuid, server.name if server else "", verdict.state, verdict.reason)
            if verdict.state in (State.EVACUATED, State.DELETED) and uuid in done:
                self.memory.settled[uuid] = reported[uuid]
                self.memory.known.pop(uuid, None)
        instances = sorted((self.memory.settled | reported).values(), key=lambda each: (each.name, each.id))
        task = self.task
        return Host(task.node, task.host, task.request, tuple(instances), task.hold)
