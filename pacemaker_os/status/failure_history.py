"""The failure history: failed probes of stopped services, and fencing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree

from pacemaker_os.status.failures import Failure, moment, plain, read_failed_probes
from pacemaker_os.status.values import Fencing, Service


def read_probes(cib: etree._Element, services: Iterable[Service]) -> Iterator[Failure]:
    """Yield the failed probes of stopped services, which explain why these are stopped.

    crm_mon does not list failed probes, because they do not matter while the service runs on another node.
    """
    stopped = {name for service in services if not service.runs for name in (service.id, *service.parts)}
    yield from (probe for probe in read_failed_probes(cib) if probe.resource.split(":")[0] in stopped)


def read_fencing(result: etree._Element) -> tuple[Fencing, ...]:
    """Return the fencing history, the latest event first. It is empty for a CIB file."""
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
