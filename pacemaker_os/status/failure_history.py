"""What went wrong: probes that tell why nothing runs, and fencing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.plan.failures import Failure, moment, plain, read_failed_probes
from pacemaker_os.status.values import Fencing, Service


def read_probes(cib: etree._Element, services: Iterable[Service]) -> Iterator[Failure]:
    """Yield what agents said when they could not even look, of services that run nowhere: that is why.

    crm_mon does not list these, because of a service that runs elsewhere they are no failure.
    """
    idle = {name for service in services if not service.runs for name in (service.id, *service.parts)}
    yield from (probe for probe in read_failed_probes(cib) if probe.resource.split(":")[0] in idle)


def read_fencing(result: etree._Element) -> tuple[Fencing, ...]:
    """What was fenced, or should have been, the latest first. A CIB file has no such history."""
    return tuple(_fencing(result))


def _fencing(result: etree._Element) -> Iterator[Fencing]:
    for event in result.iterfind("fence_history/fence_event"):
        yield Fencing(
            target=event.get("target", ""),
            action=event.get("action", ""),
            status=event.get("status", ""),
            device=event.get("device") or event.get("delegate") or "",
            client=event.get("client", ""),
            when=moment(event.get("completed", "")),
            reason=plain(event.get("exit-reason", "")),
        )
