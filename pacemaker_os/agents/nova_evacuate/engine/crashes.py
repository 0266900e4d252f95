"""Instances that crashed while their host lives: started again in place, and elsewhere when that fails.

The nova-compute agent names them, by what libvirt says about how they ended. An instance that its owner
stopped stays stopped.
"""

from __future__ import annotations

from functools import partial

from pacemaker_os.agents.nova_evacuate.nova import marker
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.engine.context import CloudContext
    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Server
    from pacemaker_os.agents.nova_evacuate.report import Report
    from pacemaker_os.agents.nova_evacuate.settings import Settings

#: Restarts are counted over this time, in seconds.
WINDOW = 3600.0
#: A restart, or a move, is given this long to show, in seconds.
REST = 60.0


class Crashes:
    """What an engine does about crashed instances.

    `starts` are the moments of each one's restarts, `moving` those that were sent to another host. An
    engine that comes later counts anew; what is moving it knows by the lock.
    """

    def __init__(self, nova: Nova, cloud: CloudContext, clock: Callable[[], float]) -> None:
        self.nova, self.cloud, self.clock = nova, cloud, clock
        self.starts: dict[str, list[float]] = {}
        self.moving: dict[str, float] = {}

    def care(
        self, told: Mapping[str, Iterable[str]], opened: Iterable[str], settings: Settings, report: Report
    ) -> None:
        """Start what crashed, and end the moves. `told` are the ids by node."""
        busy = set(opened)
        for uuid in list(self.moving):
            self.guarded(uuid, report, partial(self.end_move, uuid, report))
        for node, uuids in told.items():
            hosts = settings.names(node)
            for uuid in uuids if node not in busy else ():
                if uuid not in self.moving:
                    self.guarded(uuid, report, partial(self.start, uuid, hosts, settings, report))

    def guarded(self, uuid: str, report: Report, act: Callable[[], None]) -> None:
        """Do one thing; a failure is said, and the others are done all the same."""
        try:
            act()
        except Failure as failure:
            report.errors.append(f"crashed instance {uuid}: {failure.reason}")

    def start(self, uuid: str, hosts: Iterable[str], settings: Settings, report: Report) -> None:
        """Do what is next about a crashed instance."""
        server = self.nova.server(uuid)
        if server is None or server.host not in hosts or not self.may_start(server, settings):
            return
        now = self.clock()
        starts = [each for each in self.starts.get(uuid, ()) if now - each < WINDOW]
        if starts and now - starts[-1] < REST:
            return
        self.starts[uuid] = [*starts, now]
        if len(starts) < settings.max_restarts_per_hour:
            self.start_here(server)
            report.restarted.append(uuid)
        elif len(starts) == settings.max_restarts_per_hour:
            self.nova.lock(uuid, marker.MOVING)
            self.moving[uuid] = now
            self.nova.migrate(uuid)
            report.restarted.append(uuid)
        else:
            report.errors.append(f"{server.name} ({uuid}) crashed {len(starts)} times in an hour: left alone")

    def may_start(self, server: Server, settings: Settings) -> bool:
        """Whether nobody else cares for it: its owner, Nova, or a rule."""
        rules = settings.policy()
        around = self.cloud.around(server, server.host, rules.kinds)
        return (
            server.vm_state in ("active", "stopped")
            and not server.task_state
            and server.lock is None
            and not any(rule.matches(server, around) for rule in rules.exclude)
            and (not rules.include or any(rule.matches(server, around) for rule in rules.include))
            and not self.nova.stopped_by_owner(server.id)
        )

    def start_here(self, server: Server) -> None:
        """Start it where it is; Nova may not have noticed yet that it is off."""
        if server.vm_state == "stopped":
            self.nova.start(server.id)
        else:
            self.nova.reboot(server.id)

    def end_move(self, uuid: str, report: Report) -> None:
        """Confirm a move that is done, start the instance there, and give it back to its owner."""
        server = self.nova.server(uuid)
        if server is not None and server.vm_state == "resized" and not server.task_state:
            self.nova.confirm(uuid)
            return
        over = server is None or (not server.task_state and self.clock() - self.moving[uuid] > REST)
        if not over:
            return
        if server is not None:
            if server.vm_state == "stopped":
                self.nova.start(uuid)
            elif server.vm_state != "active":
                report.errors.append(f"{server.name} ({uuid}) is {server.vm_state} after it was moved")
            self.nova.unlock(uuid)
        del self.moving[uuid]
