"""Instances that crashed while their host works: restarted in place, and migrated if that fails repeatedly.

The nova-compute agent reports them, according to libvirt. An instance that its owner stopped is not started.
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

#: Period over which restarts are counted, in seconds.
WINDOW = 3600.0
#: Time that a restart or a migration may take before the next action, in seconds.
ACTION_INTERVAL = 60.0


class Crashes:
    """The handling of crashed instances.

    `starts` are the times of the restarts of each instance, `moving` the instances that are being migrated. A
    new engine counts restarts from zero, and recognizes migrating instances by their lock.
    """

    def __init__(self, nova: Nova, cloud: CloudContext, clock: Callable[[], float]) -> None:
        self.nova, self.cloud, self.clock = nova, cloud, clock
        self.starts: dict[str, list[float]] = {}
        self.moving: dict[str, float] = {}

    def handle(
        self, crashed: Mapping[str, Iterable[str]], opened: Iterable[str], settings: Settings, report: Report
    ) -> None:
        """Restart crashed instances and finish migrations. `crashed` are the crashed instances by node."""
        busy = set(opened)
        for uuid in list(self.moving):
            self.run_action(uuid, report, partial(self.end_move, uuid, report))
        for node, uuids in crashed.items():
            hosts = settings.names(node)
            for uuid in uuids if node not in busy else ():
                if uuid not in self.moving:
                    self.run_action(uuid, report, partial(self.start, uuid, hosts, settings, report))

    def run_action(self, uuid: str, report: Report, act: Callable[[], None]) -> None:
        """Run one action. A failure is reported and does not prevent the other actions."""
        try:
            act()
        except Failure as failure:
            report.errors.append(f"crashed instance {uuid}: {failure.reason}")

    def start(self, uuid: str, hosts: Iterable[str], settings: Settings, report: Report) -> None:
        """Take the next action for a crashed instance."""
        server = self.nova.server(uuid)
        if server is None or server.host not in hosts or not self.may_start(server, settings):
            return
        now = self.clock()
        starts = [each for each in self.starts.get(uuid, ()) if now - each < WINDOW]
        if starts and now - starts[-1] < ACTION_INTERVAL:
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
            crashes = f"crashed {len(starts)} times within an hour"
            report.errors.append(f"{server.name} ({uuid}) {crashes} and is not restarted again")

    def may_start(self, server: Server, settings: Settings) -> bool:
        """Return whether neither the owner, nor a Nova task, nor a rule forbids starting an instance."""
        rules = settings.policy()
        around = self.cloud.instance_context(server, server.host, rules.kinds)
        return (
            server.vm_state in ("active", "stopped")
            and not server.task_state
            and server.lock is None
            and not any(rule.matches(server, around) for rule in rules.exclude)
            and (not rules.include or any(rule.matches(server, around) for rule in rules.include))
            and not self.nova.stopped_by_owner(server.id)
        )

    def start_here(self, server: Server) -> None:
        """Start an instance on its host, whether or not Nova has noticed the crash."""
        if server.vm_state == "stopped":
            self.nova.start(server.id)
        else:
            self.nova.reboot(server.id)

    def end_move(self, uuid: str, report: Report) -> None:
        """Confirm a finished migration, start the instance on its new host, and unlock it."""
        server = self.nova.server(uuid)
        if server is not None and server.vm_state == "resized" and not server.task_state:
            self.nova.confirm(uuid)
            return
        over = server is None or (
            not server.task_state and self.clock() - self.moving[uuid] > ACTION_INTERVAL
        )
        if not over:
            return
        if server is not None:
            if server.vm_state == "stopped":
                self.nova.start(uuid)
            elif server.vm_state != "active":
                state = f"is in state {server.vm_state} after its migration"
                report.errors.append(f"{server.name} ({uuid}) {state}")
            self.nova.unlock(uuid)
        del self.moving[uuid]
