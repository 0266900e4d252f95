"""The service definitions by name, and the order in which services are deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from pacemaker_os.openstack.errors import unknown
from pacemaker_os.openstack.service import Service

#: The modules of openstack/services, in the order of deployment where dependencies leave a choice.
NAMES = (
    "system",
    "chrony",
    "openvswitch",
    "galera",
    "rabbitmq",
    "memcached",
    "haproxy",
    "keepalived",
    "redis",
    "etcd",
    "mongodb",
    "keystone",
    "swift",
    "glance",
    "placement",
    "neutron",
    "nova",
    "neutron-agents",
    "instance-ha",
    "nova-compute",
    "cinder",
    "heat",
    "horizon",
    "gnocchi",
    "ceilometer",
    "aodh",
    "first-use",
)


def load_service(name: str) -> Service:
    """Return the service definition in the module `services.NAME`."""
    service = import_module(f"pacemaker_os.openstack.services.{name.replace('-', '_')}").SERVICE
    assert isinstance(service, Service)
    return service


SERVICES: Mapping[str, Service] = {name: load_service(name) for name in NAMES}


def ordered(names: Iterable[str]) -> tuple[Service, ...]:
    """Return these services and all dependencies, each one after the services that it needs.

    Raises CloudError for an unknown service.
    """
    found: dict[str, Service] = {}

    def add(name: str) -> None:
        if name not in SERVICES:
            raise unknown("service", name, SERVICES)
        if name not in found:
            for need in SERVICES[name].needs:
                add(need)
            found[name] = SERVICES[name]

    chosen = list(names)
    for name in sorted(chosen, key=lambda name: NAMES.index(name) if name in NAMES else -1):
        add(name)
    return tuple(found.values())


@cache
def weight(name: str) -> int:
    """Return the number of services that need this one, directly or through others."""
    return sum(SERVICES[name] in ordered([other]) for other in SERVICES if other != name)
