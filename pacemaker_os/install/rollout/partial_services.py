"""Which part of a service the cluster can have yet, while a deployment goes on. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.service import Mount, Service, Unit


def ids_of(service: Service) -> set[str]:
    """The ids of everything that the cluster can have of a service."""
    own = {unit.resource for unit in service.units} | {mount.resource for mount in service.mounts}
    return own | set(service.document.get("resources", {}))


def on_ready_hosts(cloud: Cloud, service: Service, ready: Collection[str]) -> Service:
    """The service with what it runs on hosts that are ready: only roles whose hosts all are."""

    def roles(piece: Unit | Mount) -> tuple[str, ...]:
        return tuple(
            role for role in piece.roles if all(host.name in ready for host in cloud.with_role(role))
        )

    units = (replace(unit, roles=roles(unit)) for unit in service.units)
    mounts = (replace(mount, roles=roles(mount)) for mount in service.mounts)
    return replace(
        service,
        units=tuple(unit for unit in units if unit.roles),
        mounts=tuple(mount for mount in mounts if mount.roles),
    )


def already_there(service: Service, ids: Collection[str]) -> Service:
    """The service with what the cluster has of it already: what is new waits until its files are there."""
    resources = {name: value for name, value in service.document.get("resources", {}).items() if name in ids}
    return replace(
        service,
        units=tuple(unit for unit in service.units if unit.resource in ids),
        mounts=tuple(mount for mount in service.mounts if mount.resource in ids),
        document={**service.document, "resources": resources},
    )
