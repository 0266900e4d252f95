"""The catalogue: the pages by name, and the order in which services come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from pacemaker_os.openstack.errors import unknown
from pacemaker_os.openstack.service import Service

#: The pages, in the order in which services come where nothing else decides.
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


def page(name: str) -> Service:
    """The page of the module `services.NAME`."""
    service = import_module(f"pacemaker_os.openstack.services.{name.replace('-', '_')}").SERVICE
    assert isinstance(service, Service)
    return service


CATALOGUE: Mapping[str, Service] = {name: page(name) for name in NAMES}


def ordered(names: Iterable[str]) -> tuple[Service, ...]:
    """These services and all that they need, each after those it needs.

    Raises CatalogueError for a name that is no service.
    """
    found: dict[str, Service] = {}

    def add(name: str) -> None:
        if name not in CATALOGUE:
            raise unknown("service", name, CATALOGUE)
        if name not in found:
            for need in CATALOGUE[name].needs:
                add(need)
            found[name] = CATALOGUE[name]

    chosen = list(names)
    for name in sorted(chosen, key=lambda name: NAMES.index(name) if name in NAMES else -1):
        add(name)
    return tuple(found.values())


@cache
def weight(name: str) -> int:
    """How many services of the catalogue need this one, directly or through others."""
    return sum(CATALOGUE[name] in ordered([other]) for other in CATALOGUE if other != name)
