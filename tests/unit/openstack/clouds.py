"""Clouds for tests, one for each architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pacemaker_os.install.nodes.program import installed_programs
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.desired import DesiredHost
from pacemaker_os.openstack.render import desired_host
from pacemaker_os.openstack.secret_names import secret_names
from pacemaker_os.secret import Secret

#: All services except those without packages and those that only front nodes have.
ALL = tuple(name for name in SERVICES if name not in ("mongodb", "keepalived"))

CORE = ("keystone", "glance", "placement", "nova", "neutron", "neutron-agents", "nova-compute", "horizon")


def host(name: str, address: str, *roles: str) -> Host:
    """Return a host with a power fencing device."""
    power = {"agent": "fence_ipmilan", "ip": address, "username": "pacemaker", "password": "secret:ipmi"}
    return Host(name=name, address=address, roles=roles, fencing=power)


def hosts(role: str, number: int, first: str) -> tuple[Host, ...]:
    """Return hosts of one role with consecutive addresses."""
    net, _, last = first.rpartition(".")
    return tuple(host(f"{role}{index + 1:02}", f"{net}.{int(last) + index}", role) for index in range(number))


def cloud(*groups: tuple[Host, ...], **more: Any) -> Cloud:
    """Return a cloud of these hosts."""
    every = tuple(member for group in groups for member in group)
    common: dict[str, Any] = {"name": "cloud", "vips": {"default": "192.0.2.10"}, "services": ALL}
    return Cloud(hosts=every, **{**common, **more})


CONTROLLERS = hosts("controller", 3, "192.0.2.11")
COMPUTES = hosts("compute", 2, "192.0.2.21")

CLOUDS: Mapping[str, Cloud] = {
    "three-controllers": cloud(CONTROLLERS, COMPUTES),
    # Two front nodes with keepalived, and network nodes.
    "two-front-nodes": cloud(
        hosts("front", 2, "192.0.2.41"),
        CONTROLLERS,
        hosts("network", 2, "192.0.2.31"),
        COMPUTES,
        services=("keepalived", *CORE, "cinder", "first-use"),
        settings={"external_interface": "eth1", "external_network": "203.0.113.0/24"},
    ),
    # One controller, NFS for live migration.
    "one-controller": cloud(
        hosts("controller", 1, "192.0.2.11"),
        COMPUTES,
        services=(*CORE, "cinder"),
        settings={
            "instances_nfs_export": "192.0.2.50:/instances",
            "image_nfs_export": "192.0.2.50:/images",
            "volume_backend": "lvm",
        },
    ),
    # A virtual IP address for each service.
    "vip-per-service": cloud(
        CONTROLLERS,
        COMPUTES,
        vips={
            "default": "192.0.2.200",
            **{
                name: f"192.0.2.{200 + number}"
                for name, number in (
                    *(("galera", 1), ("keystone", 3), ("glance", 5), ("cinder", 6), ("swift", 8)),
                    *(("neutron", 9), ("nova", 10), ("horizon", 11), ("heat", 12), ("redis", 16)),
                )
            },
        },
    ),
    # The core services and etcd on RDO, without telemetry.
    "redhat-core": cloud(CONTROLLERS, COMPUTES, services=(*CORE, "etcd", "cinder"), family="redhat"),
    "debian-2025.1": cloud(CONTROLLERS, COMPUTES, release="2025.1"),
    "ubuntu": cloud(CONTROLLERS, COMPUTES, family="ubuntu"),
    "redhat": cloud(CONTROLLERS, COMPUTES, family="redhat"),
    "storage-nodes": cloud(
        CONTROLLERS,
        COMPUTES,
        hosts("storage", 3, "192.0.2.51"),
        settings={"image_store": "swift", "tls": "yes", "workers": "4"},
    ),
    "all-in-one": cloud(
        (host("one", "192.0.2.11", "controller", "compute"),),
        settings={"fencing": "no"},
        services=tuple(name for name in ALL if name != "instance-ha"),
    ),
}


def secrets(of: Cloud) -> Mapping[str, Secret]:
    """Return distinct values for all secrets of a cloud."""
    return {name: Secret(f"hidden-{name}-hidden") for name in secret_names(of)}


def desired(of: Cloud, on: Host) -> DesiredHost:
    """Return the desired state of a host, with the secrets of its cloud."""
    return desired_host(of, on, secrets(of), installed_programs())
