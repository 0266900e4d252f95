"""Parts of services that the cluster can run at a given point of a deployment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.service import Mount, Service, Unit


def resource_ids(service: Service) -> set[str]:
    """Return the IDs of all resources of a service."""
    own = {unit.resource for unit in service.units} | {mount.resource for mount in service.mounts}
    return own | set(service.document.get("resources", {}))


def limited_to_ready_hosts(cloud: Cloud, service: Service, ready: Collection[str]) -> Service:
    """Return the service, limited to roles whose hosts are all in `ready`."""

    def ready_roles(part: Unit | Mount) -> tuple[str, ...]:
        return tuple(role for role in part.roles if all(host.name in ready for host in cloud.with_role(role)))

    units = (replace(unit, roles=ready_roles(unit)) for unit in service.units)
    mounts = (replace(mount, roles=ready_roles(mount)) for mount in service.mounts)
    return replace(
        service,
        units=tuple(unit for unit in units if unit.roles),
        mounts=tuple(mount for mount in mounts if mount.roles),
    )


def already_configured(service: Service, ids: Collection[str]) -> Service:
    """Return the service with only those resources that the cluster has; others wait for their files."""
    resources = {name: value for name, value in service.document.get("resources", {}).items() if name in ids}
    return replace(
        service,
        units=tuple(unit for unit in service.units if unit.resource in ids),
        mounts=tuple(mount for mount in service.mounts if mount.resource in ids),
        document={**service.document, "resources": resources},
    )
