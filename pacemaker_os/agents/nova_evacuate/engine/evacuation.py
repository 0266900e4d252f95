"""One fenced host: its instances looked at, judged, asked for, and given back to their owners."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.nova_evacuate.decide import capacity, limits, policy, records
from pacemaker_os.agents.nova_evacuate.decide.judge import judge
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
    """The work on one host in one look."""

    def __init__(
        self, nova: Nova, settings: Settings, cloud: CloudContext, memory: Memory, task: Task
    ) -> None:
        self.nova, self.settings, self.memory, self.task = nova, settings, memory, task
        self.cloud, self.policy = cloud, settings.policy()
        self.asked: list[str] = []
        self.servers: dict[str, Server | None] = {}

    def run(self, each: Each) -> Host:
        """Look, judge, ask for what may be asked for, unlock what is done."""
        self.servers = self.look()
        verdicts = {uuid: self.judge(uuid) for uuid in self.servers}
        if self.task.hold:
            verdicts = {uuid: self.held(verdict) for uuid, verdict in verdicts.items()}
        else:
            verdicts |= self.without_room(verdicts)
            self.ask_for(verdicts, each)
        done = InstanceCleanup(self.nova, self.memory, self.task, self.servers).run(verdicts, each)
        return self.host(verdicts, done)

    def held(self, verdict: Verdict) -> Verdict:
        """What would be asked for, were it not for the hold."""
        return Verdict(State.WAITING, self.task.hold) if verdict.state is State.PENDING else verdict

    def look(self) -> dict[str, Server | None]:
        """Every instance that is on the host, or that was when its evacuation was asked for."""
        done = self.memory.settled
        found: dict[str, Server | None] = {each.id: each for each in self.nova.servers(host=self.task.host)}
        asked = dict.fromkeys((*self.task.tries, *self.memory.known))
        elsewhere = [uuid for uuid in asked if uuid not in found and uuid not in done]
        # What was asked for is locked, so one question is enough for all that have moved since.
        locked = {each.id: each for each in self.nova.servers(locked="true")} if elsewhere else {}
        found |= {uuid: locked[uuid] for uuid in elsewhere if uuid in locked}
        found |= {uuid: self.nova.server(uuid) for uuid in elsewhere if uuid not in locked}
        return {uuid: server for uuid, server in found.items() if uuid not in done}

    def known(self, uuid: str, server: Server) -> InstanceHistory:
        """What is remembered, brought up to date with what is seen."""
        now, tries = self.task.context.now, self.task.tries_of(uuid)
        shows = (
            server.task_state,
            server.host,
            len(tries),
            *((each.status, each.dest) for each in tries),
        )
        known = self.memory.known.get(uuid)
        if known is None:
            # A lock is there before an evacuation is asked for: without one, it was not. With one, an
            # engine before this may have asked a moment ago; so may somebody who locks by himself.
            clear = self.memory.fresh or server.lock is None
            known = InstanceHistory(asked=None if clear else now, records=len(tries), seen=now)
        elif self.memory.shown.get(uuid) != shows:
            known = replace(known, seen=now, reset=False)
        elif records.may_be_reset(server, self.task.context) and records.is_worked_on(tries):
            quiet = now - known.seen >= self.task.context.limits.grace_period
            known = replace(known, reset=quiet and self.nova.was_reset(uuid))
        self.memory.shown[uuid] = shows
        self.memory.known[uuid] = known
        return known

    def judge(self, uuid: str, room: str = "") -> Verdict:
        """What to do about one instance."""
        server = self.servers[uuid]
        if server is None:
            return Verdict(State.DELETED)
        known, tries = self.known(uuid, server), self.task.tries_of(uuid)
        why = policy.why_not(server, self.around(server), self.policy, ours=bool(tries))
        orphan = uuid in self.task.orphans
        return judge(server, tries, known, self.task.context, excluded=why, room=room, orphan=orphan)

    def around(self, server: Server) -> InstanceContext:
        """What the policy needs to know and Nova does not say about the instance itself."""
        return self.cloud.around(server, self.task.host, self.policy.kinds)

    def without_room(self, verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
        """The verdicts on those that would be asked for and have nowhere to go now."""
        wanted = self.in_order(verdicts, len(verdicts))
        if not wanted:
            return {}
        places = self.cloud.places(self.task.context.fenced)
        if places is None:  # Placement does not say; Nova will.
            return {}
        found = {}
        for server in wanted:
            groups = self.cloud.groups_of(server.id)
            where = self.cloud.where(groups, server.id)
            host, reason = capacity.choose(server, places, groups, where, self.task.host)
            known = self.memory.known[server.id]
            since = known.held if known.held is not None else self.task.context.now
            self.memory.known[server.id] = replace(known, held=since if reason else None)
            if reason:
                found[server.id] = self.judge(server.id, room=reason)
            else:
                places = capacity.take(server, host, places)
        return found

    def in_order(self, verdicts: Mapping[str, Verdict], at_once: int, busy: int = 0) -> list[Server]:
        """The instances to ask for, the most important first."""
        servers = {server.id: server for server in self.servers.values() if server}
        priorities = {uuid: policy.priority(server, self.policy) for uuid, server in servers.items()}
        order = limits.next_to_ask(verdicts, priorities, at_once=at_once, busy=busy)
        return [servers[uuid] for uuid in order]

    def ask_for(self, verdicts: Mapping[str, Verdict], each: Each) -> None:
        """Ask for as many as may be under way at once."""
        under_way = [uuid for uuid, verdict in verdicts.items() if verdict.state is State.IN_PROGRESS]
        busy = sum(records.is_to_be_built(self.servers[uuid], self.task.tries_of(uuid)) for uuid in under_way)
        order = self.in_order(verdicts, self.settings.max_concurrent, busy)
        each(self.ask, [server.id for server in order])
        if order:
            self.cloud.evacuated()

    def ask(self, uuid: str) -> None:
        """Ask for one evacuation; the lock comes first, so that any engine knows that it may be asked for."""
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
        before, store[uuid] = store[uuid], replace(store[uuid], asked=now, records=len(tries))
        try:
            self.nova.evacuate(uuid, self.wanted_host(server, tries))
        except Refused as refused:
            count = before.refusals + 1
            store[uuid] = replace(before, asked=None, refused=now, refusals=count, error=refused.reason)
        except Unreachable as failure:
            store[uuid] = replace(before, asked=None, error=failure.reason)
        except OutcomeUnknown as unsure:
            store[uuid] = replace(store[uuid], error=unsure.reason)
        else:
            self.asked.append(uuid)

    def wanted_host(self, server: Server, tries: Sequence[Migration]) -> str:
        """Where Nova has to build it; empty: wherever it likes.

        A reserved host is for the first attempt; after a failure Nova may take any other.
        """
        left = records.left_on(server, tries, self.memory.known[server.id], self.task.context)
        if left is not None:
            return left.dest
        return "" if tries else self.task.reserve

    def host(self, verdicts: Mapping[str, Verdict], done: Collection[str]) -> Host:
        """The report; what is evacuated and done with is remembered."""
        told = {}
        for uuid, verdict in verdicts.items():
            server = self.servers[uuid]
            if uuid in self.asked:
                verdict = Verdict(State.IN_PROGRESS, "asked for")
            told[uuid] = Instance(uuid, server.name if server else "", verdict.state, verdict.reason)
            if verdict.state in (State.EVACUATED, State.DELETED) and uuid in done:
                self.memory.settled[uuid] = told[uuid]
                self.memory.known.pop(uuid, None)
        instances = sorted((self.memory.settled | told).values(), key=lambda each: (each.name, each.id))
        task = self.task
        return Host(task.node, task.host, task.request, tuple(instances), task.hold)
