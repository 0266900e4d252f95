"""The end of the work on an instance: unlock it, reset its state, or mark its evacuation as lost."""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.decide import records, states
from pacemaker_os.agents.nova_evacuate.decide.states import State
from pacemaker_os.agents.nova_evacuate.nova import marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacemaker_os.agents.nova_evacuate.decide.states import Verdict
    from pacemaker_os.agents.nova_evacuate.engine.task import Each, Memory, Task
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Server

#: Maximum time, in seconds, that a running instance stays locked while others still have to be rebuilt.
MAX_LOCKED = 60.0


class InstanceCleanup:
    """The last part of a poll cycle for a host; `servers` are its instances at the beginning of the cycle."""

    def __init__(self, nova: Nova, memory: Memory, task: Task, servers: Mapping[str, Server | None]) -> None:
        self.nova, self.memory, self.task, self.servers = nova, memory, task, servers

    def run(self, verdicts: Mapping[str, Verdict], each: Each) -> list[str]:
        """Do what the verdicts require, and return the instances whose evacuation has ended."""
        left = (State.WAITING, State.FAILED)
        each(self.mark_evacuation_lost, [uuid for uuid, verdict in verdicts.items() if verdict.state in left])
        each(self.restore, [uuid for uuid, verdict in verdicts.items() if verdict.state is State.FAILED])
        done = self.to_unlock(verdicts)
        each(self.finish, done)
        return done

    def mark_evacuation_lost(self, uuid: str) -> None:
        """Record that an evacuation failed with its target, before the target returns and hides that.

        A stopped instance is left unchanged, because the reset would make it active.
        """
        server, tries = self.servers[uuid], self.task.tries_of(uuid)
        if server is None or not tries or server.vm_state != "active" or not server.task_state:
            return
        if records.is_lost(server, tries, self.memory.known[uuid], self.task.context):
            self.nova.reset(uuid)

    def restore(self, uuid: str) -> None:
        """Make a failed instance run on its own node again: Nova does not start an instance in ERROR.

        A stopped instance is left in ERROR, because it would be started.
        """
        server = self.servers[uuid]
        if server and server.vm_state == "error" and not marker.was_stopped(server.lock):
            self.nova.reset(uuid)

    def to_unlock(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """Return the instances to unlock. Those that already run stay locked while others have to be rebuilt.

        Unlocking is as expensive for Nova as locking, and would delay the other instances.
        """
        busy = any(self.is_to_be_built(uuid, verdict) for uuid, verdict in verdicts.items())
        done = [uuid for uuid, verdict in verdicts.items() if verdict.state in states.FINAL]
        return [uuid for uuid in done if not (busy and self.only_locked(uuid))]

    def is_to_be_built(self, uuid: str, verdict: Verdict) -> bool:
        """Return whether an instance does not run yet and Nova has to rebuild it."""
        asked = verdict.state is State.IN_PROGRESS
        to_be_built = asked and records.is_to_be_built(self.servers[uuid], self.task.tries_of(uuid))
        return to_be_built or verdict.state is State.PENDING

    def only_locked(self, uuid: str) -> bool:
        """Return whether an instance has just started to run on its new host and only has to be unlocked."""
        server = self.servers[uuid]
        if server is None or server.host == self.task.host or server.vm_state != "active":
            return False
        moved = self.memory.known[uuid].unchanged_since
        return not marker.was_stopped(server.lock) and self.task.context.now - moved < MAX_LOCKED

    def finish(self, uuid: str) -> None:
        """Unlock an instance if an engine locked it, and stop it again if it was stopped.

        Nova itself stops it, unless an evacuation failed before: then Nova no longer knows that it was
        stopped. A rebuilt instance that runs is in ERROR if Nova's final message was lost.
        """
        server = self.servers[uuid]
        if server is None:
            return
        built = bool(self.task.tries_of(uuid)) and server.host != self.task.host
        repaired = built and server.vm_state == "error" and server.runs
        if repaired:
            self.nova.reset(uuid)
        if marker.is_ours(server.lock):
            if marker.was_stopped(server.lock) and (repaired or server.vm_state == "active"):
                self.nova.stop(uuid)
            self.nova.unlock(uuid)
