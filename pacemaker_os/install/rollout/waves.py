"""Which services come together: a wave is everything that all waves before it have made possible. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.openstack.catalogue import CATALOGUE, ordered
from pacemaker_os.openstack.service import Service

#: The service that all others log in with: what it needs is infrastructure, what needs it is OpenStack.
IDENTITY = "keystone"


def infrastructure(names: Iterable[str]) -> tuple[Service, ...]:
    """Those of the services that do not need the identity service, not even by way of others."""
    return tuple(
        service
        for service in ordered(names)
        if service.name != IDENTITY and IDENTITY not in _closure(service.name)
    )


def openstack(names: Iterable[str]) -> tuple[Service, ...]:
    """All others: the identity service and what needs it, each after what it needs."""
    return tuple(service for wave in waves(names) for service in wave)


def waves(names: Iterable[str]) -> tuple[tuple[Service, ...], ...]:
    """The services of OpenStack in waves, each needing only infrastructure and earlier waves."""
    below = {service.name for service in infrastructure(names)}
    left = [service for service in ordered(names) if service.name not in below]
    found = []
    while left:
        wave = tuple(service for service in left if set(service.needs) <= below)
        assert wave, "the catalogue has no circles"
        found.append(wave)
        below |= {service.name for service in wave}
        left = [service for service in left if service not in wave]
    return tuple(found)


def _closure(name: str) -> frozenset[str]:
    needs = CATALOGUE[name].needs
    return frozenset(needs).union(*map(_closure, needs))
