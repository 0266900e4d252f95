"""Forcing the compute service of a fenced host down, with a marker that names the evacuation request."""

from __future__ import annotations

from dataclasses import replace

from pacemaker_os.agents.nova_evacuate.nova import marker
from pacemaker_os.agents.nova_evacuate.nova.marker import Marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pacemaker_os.agents.nova_evacuate.nova.client import Nova
    from pacemaker_os.agents.nova_evacuate.nova.values import Service


def find(services: Iterable[Service], names: Sequence[str]) -> Service | None:
    """Return the compute service with one of these host names."""
    return next((service for service in services if service.host in names), None)


def own(service: Service) -> Marker | None:
    """Return the engine's marker on a service, or None."""
    return marker.read(service.disabled_reason) if service.status == "disabled" else None


def forced_down_by_operator(service: Service) -> bool:
    """Return whether a service was forced down by an operator, who is then responsible for its instances."""
    return service.forced_down and own(service) is None


def adopted(service: Service, request: str) -> bool:
    """Return whether a service was marked for this request."""
    found = own(service)
    return service.forced_down and found is not None and found.request == request


def mark_down(nova: Nova, names: Sequence[str], request: str) -> Service | None:
    """Force the service down and mark it in one request; return the resulting service.

    Returns None if Nova has no such service. A service that an operator forced down is returned unchanged.
    """
    # The order matters: an evacuation that is requested after the first query must not count as an earlier
    # one.
    earlier = {host: nova.evacuations(host) for host in names}
    services = nova.services()
    service = find(services, names)
    if service is None or forced_down_by_operator(service) or adopted(service, request):
        return service
    fresh = renewed(service, request, max((m.id for m in earlier[service.host]), default=0))
    nova.set_service(service, status="disabled", disabled_reason=str(fresh), forced_down=True)
    return find(nova.services(), names)


def renewed(service: Service, request: str, after: int) -> Marker:
    """Return the new marker of the service."""
    old = own(service)
    if old and old.request == request:
        return old
    if old:
        before = old.before
    elif service.status == "enabled" or service.disabled_reason == marker.PROCESS:
        before = None
    else:
        before = service.disabled_reason
    return Marker(request, after, before)


def reserve(nova: Nova, failed: Service, mark: Marker, reserves: Sequence[str]) -> Marker:
    """Assign a reserved host that is up and not assigned yet to the host of a marked service.

    The reserved host is added to the aggregates of that host. The new marker with its name is written last:
    if the engine is interrupted before that, the next engine assigns the same reserved host again.
    """
    services = nova.services() if reserves else ()
    given = {found.reserve for each in services if (found := own(each))}
    up = {each.host: each for each in services if each.state == "up"}
    free = [up[name] for name in reserves if name in up and name not in given and name != failed.host]
    if not free:
        return mark
    chosen = free[0]
    nova.add_to_aggregates(chosen.host, [each for each in nova.aggregates() if failed.host in each.hosts])
    if chosen.status != "enabled":
        nova.set_service(chosen, status="enabled")
    fresh = replace(mark, reserve=chosen.host)
    nova.set_service(failed, status="disabled", disabled_reason=str(fresh))
    return fresh
