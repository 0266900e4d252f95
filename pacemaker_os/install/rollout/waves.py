"""Waves of services: each wave needs only services of earlier waves."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.openstack.definitions import SERVICES, ordered
from pacemaker_os.openstack.service import Service

#: Name of the identity service. Infrastructure services do not depend on it; OpenStack services do.
IDENTITY = "keystone"


def infrastructure(names: Iterable[str]) -> tuple[Service, ...]:
    """Return the services that do not depend on the identity service, directly or indirectly."""
    return tuple(
        service
        for service in ordered(names)
        if service.name != IDENTITY and IDENTITY not in _closure(service.name)
    )


def openstack(names: Iterable[str]) -> tuple[Service, ...]:
    """Return the identity service and the services that depend on it, each after its dependencies."""
    return tuple(service for wave in waves(names) for service in wave)


def waves(names: Iterable[str]) -> tuple[tuple[Service, ...], ...]:
    """Return the OpenStack services in waves; each needs only infrastructure and earlier waves."""
    deployed = {service.name for service in infrastructure(names)}
    remaining = [service for service in ordered(names) if service.name not in deployed]
    found = []
    while remaining:
        wave = tuple(service for service in remaining if set(service.needs) <= deployed)
        assert wave, "service definitions have no dependency cycle"
        found.append(wave)
        deployed |= {service.name for service in wave}
        remaining = [service for service in remaining if service not in wave]
    return tuple(found)


def _closure(name: str) -> frozenset[str]:
    needs = SERVICES[name].needs
    return frozenset(needs).union(*map(_closure, needs))
