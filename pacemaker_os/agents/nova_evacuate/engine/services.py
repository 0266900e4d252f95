"""The compute services: re-enabled when their node has returned, disabled while nova-compute cannot run."""

from __future__ import annotations

from pacemaker_os.agents.nova_evacuate.engine import returned_guests
from pacemaker_os.agents.nova_evacuate.nova import forced_down, marker
from pacemaker_os.agents.nova_evacuate.nova.session import Refused
from pacemaker_os.ocf.codes import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.marker import Marker
    from pacemaker_os.agents.nova_evacuate.nova.values import Service
    from pacemaker_os.agents.nova_evacuate.report import Report
    from pacemaker_os.agents.nova_evacuate.requests import Requests
    from pacemaker_os.agents.nova_evacuate.settings import Settings


class Services:
    """The handling of compute services that are not being evacuated."""

    def __init__(self, nova: Nova, clock: Callable[[], float]) -> None:
        self.nova, self.clock = nova, clock
        self._missing: dict[str, float] = {}
        #: By host: since when nova-compute could have processed its records, and how many were left then.
        self._left: dict[str, tuple[float, int | None]] = {}

    def handle(
        self,
        opened: Iterable[str],
        services: Sequence[Service],
        requests: Requests,
        settings: Settings,
        report: Report,
    ) -> None:
        """Re-enable returned services, and disable those whose nova-compute cannot be recovered."""
        marked = [each for each in services if forced_down.own(each)]
        unhealthy = [
            each
            for each in services
            if not each.forced_down
            and not forced_down.own(each)
            and (
                each.disabled_reason == marker.PROCESS or (each.state == "down" and each.status == "enabled")
            )
        ]
        self._missing = {each.host: self._missing.get(each.host, self.clock()) for each in unhealthy}
        if not marked and not unhealthy:
            return
        nodes = {name: node for node in requests.running() for name in settings.names(node)}
        running = frozenset(nodes)
        busy = {name for node in opened for name in settings.names(node)}
        for service in marked:
            if service.host not in busy:
                self.restore(service, nodes.get(service.host, ""), requests, settings, report)
        # If no node reports that nova-compute runs, another agent manages it, and its state is unknown.
        if running and unhealthy:
            online = {name for node in requests.online() for name in settings.names(node)}
            for service in unhealthy:
                self.handle_process(service, service.host in running, service.host in online, settings)

    def restore(
        self, service: Service, node: str, requests: Requests, settings: Settings, report: Report
    ) -> None:
        """Restore the previous state of a compute service after nova-compute has started and cleaned up.

        `node` is the node on which it runs; empty if it does not run.
        """
        before = forced_down.own(service)
        if before is None:
            return
        if not node:
            report.waiting[service.host] = "evacuation complete; nova-compute is not running yet"
            return
        records = self.nova.evacuations(service.host)
        left = len(returned_guests.left_over(records, before))
        if left:
            report.waiting[service.host] = f"nova-compute has not cleaned up {left} evacuations yet"
            self.restart(service.host, node, left, requests, settings)
            return
        self._left.pop(service.host, None)
        returned_guests.start_returned_guests(self.nova, service.host, records, before, report)
        try:
            if service.forced_down:
                self.nova.set_service(service, forced_down=False)
                report.waiting[service.host] = "no longer forced down; it is re-enabled next"
                report.poll_soon = True
            elif service.state == "up":
                self.enable(service, before, settings)
                report.reenabled.append(service.host)
            else:
                report.waiting[service.host] = "nova-compute has not reported to Nova yet"
        except Refused as refused:
            report.waiting[service.host] = f"nova-compute has not cleaned up yet: {refused.reason}"
        except Failure as failure:
            report.errors.append(f"{service.host}: {failure.reason}")

    def enable(self, service: Service, before: Marker, settings: Settings) -> None:
        """Set the previous status of a compute service.

        This must be a separate request: while the service is still considered down, Nova would not update
        Placement, and for a minute no instance could be placed on the host.
        """
        if before.before is None and settings.reenable:
            self.nova.set_service(service, status="enabled")
        else:
            why = before.before or f"{marker.NAME}: returned after {before.request}, left disabled"
            self.nova.set_service(service, status="disabled", disabled_reason=why)

    def restart(self, host: str, node: str, left: int, requests: Requests, settings: Settings) -> None:
        """Restart nova-compute if it left records of an instance whose evacuation was requested twice.

        Each restart must reduce their number; otherwise it is not repeated.
        """
        since, before = self._left.get(host, (self.clock(), None))
        self._left[host] = since, before
        if self.clock() - since > settings.request_grace_period and (before is None or left < before):
            self._left[host] = self.clock(), left
            requests.restart_nova_compute(node)

    def handle_process(self, service: Service, runs: bool, online: bool, settings: Settings) -> None:
        """Disable the service of an online host while nova-compute is down there; then enable it again."""
        if service.disabled_reason == marker.PROCESS:
            if runs and service.state == "up":
                self.nova.set_service(service, status="enabled")
        elif (
            online and not runs and self.clock() - self._missing[service.host] > settings.service_down_timeout
        ):
            self.nova.set_service(service, status="disabled", disabled_reason=marker.PROCESS)
