"""The compute services themselves: given back when their node returned, disabled while they cannot run."""

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
    """What an engine does about compute services that are not being evacuated."""

    def __init__(self, nova: Nova, clock: Callable[[], float]) -> None:
        self.nova, self.clock = nova, clock
        self._missing: dict[str, float] = {}
        #: Since when a host's nova-compute could have cleaned up, and how many records it had left then.
        self._left: dict[str, tuple[float, int | None]] = {}

    def care(
        self,
        opened: Iterable[str],
        services: Sequence[Service],
        requests: Requests,
        settings: Settings,
        report: Report,
    ) -> None:
        """Give back what returned, and keep new instances away from a host whose nova-compute is lost."""
        marked = [each for each in services if forced_down.own(each)]
        ailing = [
            each
            for each in services
            if not each.forced_down
            and not forced_down.own(each)
            and (
                each.disabled_reason == marker.PROCESS or (each.state == "down" and each.status == "enabled")
            )
        ]
        self._missing = {each.host: self._missing.get(each.host, self.clock()) for each in ailing}
        if not marked and not ailing:
            return
        nodes = {name: node for node in requests.running() for name in settings.names(node)}
        running = frozenset(nodes)
        busy = {name for node in opened for name in settings.names(node)}
        for service in marked:
            if service.host not in busy:
                self.give_back(service, nodes.get(service.host, ""), requests, settings, report)
        # Where no node says that nova-compute runs, another agent than ours runs it, and nothing is known.
        if running and ailing:
            online = {name for node in requests.online() for name in settings.names(node)}
            for service in ailing:
                self.process(service, service.host in running, service.host in online, settings)

    def give_back(
        self, service: Service, node: str, requests: Requests, settings: Settings, report: Report
    ) -> None:
        """Let Nova use a host again, as it did before, once nova-compute runs there and has cleaned up.

        `node` is the node where it runs; empty when it does not.
        """
        before = forced_down.own(service)
        if before is None:
            return
        if not node:
            report.waiting[service.host] = "its instances are accounted for; nova-compute does not run yet"
            return
        records = self.nova.evacuations(service.host)
        left = len(returned_guests.left_over(records, before))
        if left:
            report.waiting[service.host] = f"nova-compute has not cleaned up yet: {left} evacuations"
            self.start_again(service.host, node, left, requests, settings)
            return
        self._left.pop(service.host, None)
        returned_guests.start_returned_guests(self.nova, service.host, records, before, report)
        try:
            if service.forced_down:
                self.nova.set_service(service, forced_down=False)
                report.waiting[service.host] = "it is up again; it is enabled next"
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
        """Let Nova use a host as it did before.

        Not in one step with the other: Nova would not tell Placement, as the service was down a moment ago,
        and for a minute no instance would find room there.
        """
        if before.before is None and settings.reenable:
            self.nova.set_service(service, status="enabled")
        else:
            why = before.before or f"{marker.NAME}: returned after {before.request}, left disabled"
            self.nova.set_service(service, status="disabled", disabled_reason=why)

    def start_again(self, host: str, node: str, left: int, requests: Requests, settings: Settings) -> None:
        """Have nova-compute started once more where it left records of an instance that was asked for twice.

        Each start must leave fewer; one that does not is not repeated.
        """
        since, before = self._left.get(host, (self.clock(), None))
        self._left[host] = since, before
        if self.clock() - since > settings.request_grace_period and (before is None or left < before):
            self._left[host] = self.clock(), left
            requests.start_again(node)

    def process(self, service: Service, runs: bool, online: bool, settings: Settings) -> None:
        """Disable a host that is there without nova-compute, and enable it when that is back."""
        if service.disabled_reason == marker.PROCESS:
            if runs and service.state == "up":
                self.nova.set_service(service, status="enabled")
        elif (
            online and not runs and self.clock() - self._missing[service.host] > settings.service_down_timeout
        ):
            self.nova.set_service(service, status="disabled", disabled_reason=marker.PROCESS)
