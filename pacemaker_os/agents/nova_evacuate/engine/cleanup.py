"""What is done about instances that nothing more is asked for: given back to their owners, or written off."""

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

#: How long an instance that runs again may stay locked while others are still to be built, in seconds.
LOCKED = 60.0


class InstanceCleanup:
    """The end of the work on the instances of one host in one look; `servers` are as they were seen."""

    def __init__(self, nova: Nova, memory: Memory, task: Task, servers: Mapping[str, Server | None]) -> None:
        self.nova, self.memory, self.task, self.servers = nova, memory, task, servers

    def run(self, verdicts: Mapping[str, Verdict], each: Each) -> list[str]:
        """Do what the verdicts are for, and return who is done with."""
        left = (State.WAITING, State.FAILED)
        each(self.mark_evacuation_lost, [uuid for uuid, verdict in verdicts.items() if verdict.state in left])
        each(self.restore, [uuid for uuid, verdict in verdicts.items() if verdict.state is State.FAILED])
        done = self.to_give_back(verdicts)
        each(self.give_back, done)
        return done

    def mark_evacuation_lost(self, uuid: str) -> None:
        """Write down that an evacuation died with its target, before the target is back and hides that.

        An instance that was stopped would be reset to active, and is left as it is.
        """
        server, tries = self.servers[uuid], self.task.tries_of(uuid)
        if server is None or not tries or server.vm_state != "active" or not server.task_state:
            return
        if records.is_lost(server, tries, self.memory.known[uuid], self.task.context):
            self.nova.reset(uuid)

    def restore(self, uuid: str) -> None:
        """Let an instance that is given up run at home again: Nova starts none that a failure left in ERROR.

        One that was stopped would be started, and is left in ERROR.
        """
        server = self.servers[uuid]
        if server and server.vm_state == "error" and not marker.was_stopped(server.lock):
            self.nova.reset(uuid)

    def to_give_back(self, verdicts: Mapping[str, Verdict]) -> list[str]:
        """The instances that are done with; while others are to be built, not those that only are locked.

        To unlock one keeps Nova as busy as to lock it did, and the others would run the later.
        """
        busy = any(self.is_to_be_built(uuid, verdict) for uuid, verdict in verdicts.items())
        done = [uuid for uuid, verdict in verdicts.items() if verdict.state in states.FINAL]
        return [uuid for uuid in done if not (busy and self.only_locked(uuid))]

    def is_to_be_built(self, uuid: str, verdict: Verdict) -> bool:
        """Whether an instance runs nowhere yet, and Nova is to build it."""
        asked = verdict.state is State.IN_PROGRESS
        to_be_built = asked and records.is_to_be_built(self.servers[uuid], self.task.tries_of(uuid))
        return to_be_built or verdict.state is State.PENDING

    def only_locked(self, uuid: str) -> bool:
        """Whether an instance runs again, since a moment ago, and is only not yet its owner's to change."""
        server = self.servers[uuid]
        if server is None or server.host == self.task.host or server.vm_state != "active":
            return False
        moved = self.memory.known[uuid].seen
        return not marker.was_stopped(server.lock) and self.task.context.now - moved < LOCKED

    def give_back(self, uuid: str) -> None:
        """Unlock an instance that is done with, if the lock is ours; one that was stopped is stopped again.

        Nova stops it by itself, unless an evacuation failed before: then Nova has forgotten it. One that was
        built elsewhere and runs there is in ERROR when the message that said so was lost.
        """
        server = self.servers[uuid]
        if server is None:
            return
        built = bool(self.task.tries_of(uuid)) and server.host != self.task.host
        mended = built and server.vm_state == "error" and server.runs
        if mended:
            self.nova.reset(uuid)
        if marker.is_ours(server.lock):
            if marker.was_stopped(server.lock) and (mended or server.vm_state == "active"):
                self.nova.stop(uuid)
            self.nova.unlock(uuid)
