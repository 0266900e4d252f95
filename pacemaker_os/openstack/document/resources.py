"""The resources of a cluster: fencing devices, connections to remote nodes, and those of services."""

from __future__ import annotations

from typing import Any

from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.definitions import weight
from pacemaker_os.openstack.document.layout import ClusterLayout, rendered
from pacemaker_os.openstack.document.writer import SecretName
from pacemaker_os.openstack.render import unit_name, unit_names
from pacemaker_os.openstack.service import Mount, Service, Unit

#: Priorities. Addresses come first because all clients and most services wait for them, then the connections
#: to remote nodes, which count as failed without one. Service definitions set those of nova-evacuate and
#: Redis. Single instances follow: nothing provides their service until they run again.
_ADDRESS, _CONNECTION, _SINGLE = 300, 200, 40


def all_resources(layout: ClusterLayout) -> dict[str, Any]:
    """Return every resource by its ID."""
    found: dict[str, Any] = {f"fence-{host.name}": _fencing_device(host) for host in layout.fenced}
    found |= {host.name: _remote(layout, host) for host in layout.remotes}
    for service in layout.services:
        found |= {
            name: _with_priority(service, resource) for name, resource in _of_service(layout, service).items()
        }
    return found


def fencing_level(layout: ClusterLayout, host: Host) -> list[Any]:
    """Return the fencing level of a host: its power, and then the devices that services add for its role."""
    added = [
        device
        for service in layout.services
        for role, device in service.extra_fencing_device.items()
        if layout.cloud.has(host, (role,))
    ]
    power = f"fence-{host.name}"
    return [[power, *added]] if added else [power]


def _of_service(layout: ClusterLayout, service: Service) -> dict[str, Any]:
    """Return the resources of a service by their IDs."""
    explicit = service.document.get("resources", {})
    return {
        **{name: _explicit(layout, value) for name, value in explicit.items()},
        **{mount.resource: _mount(layout, mount) for owner, mount in layout.mounts if owner is service},
        **{unit.resource: _unit(layout, unit) for owner, unit in layout.units if owner is service},
        **(_addresses(layout) if service.name == "haproxy" else {}),
    }


def _with_priority(service: Service, resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with the number of services that need its service as its priority.

    Pacemaker runs actions of higher priority first if it cannot run all of them in parallel, for example
    when a node is back: the promotion of a master must not wait for a hundred probes on that node.
    """
    meta = {"priority": weight(service.name)} | resource.get("meta", {})
    return {**resource, "meta": meta} if meta["priority"] else resource


def _fencing_device(host: Host) -> dict[str, Any]:
    """Return the device that powers a host off."""
    params: dict[str, Any] = {
        key: SecretName(value.removeprefix("secret:")) if value.startswith("secret:") else value
        for key, value in host.fencing.items()
        if key != "agent"
    }
    return {
        "agent": f"stonith:{host.fencing['agent']}",
        "params": {**params, "pcmk_host_list": host.name},
        "monitor": "60s",
    }


def _remote(layout: ClusterLayout, host: Host) -> dict[str, Any]:
    """Return the connection to a remote node.

    A node that lost power does not close its connection, so only the monitor detects the failure.
    """
    timeout = layout.renderer.setting("remote_timeout")
    return {
        "agent": "ocf:pacemaker:remote",
        "params": {"server": host.address, "reconnect_interval": "60s"},
        "operations": {
            "monitor": {"interval": "10s", "timeout": f"{timeout}s"},
            "start": {"timeout": "60s"},
        },
        "meta": {"priority": _CONNECTION},
    }


def _mount(layout: ClusterLayout, mount: Mount) -> dict[str, Any]:
    """Return a file system that is mounted on every host that shares it."""
    return {
        "agent": "ocf:heartbeat:Filesystem",
        "params": {
            "device": layout.renderer.setting(mount.setting),
            "directory": mount.directory,
            "fstype": mount.fstype,
        },
        "operations": {
            "monitor": {"interval": "20s", "timeout": "40s"},
            "start": {"timeout": "60s"},
            "stop": {"timeout": "60s"},
        },
        "clone": {"interleave": True},
    }


def _addresses(layout: ClusterLayout) -> dict[str, Any]:
    """Return the virtual IP addresses."""
    # All hosts that carry them use the same interface.
    return {
        name: {
            "agent": "ocf:heartbeat:IPaddr2",
            "params": {
                "ip": address,
                "cidr_netmask": layout.cloud.prefix,
                "nic": layout.hosts(("front",))[0].interface,
            },
            "operations": {"monitor": {"interval": "10s", "timeout": "20s"}},
            "meta": {"priority": _ADDRESS},
        }
        for name, address in layout.addresses.items()
    }


def _explicit(layout: ClusterLayout, value: Any) -> dict[str, Any]:
    """Return a resource that a service definition contains in full.

    Parameters that differ between hosts become sets with rules, and empty ones are left out.
    """
    hosts = layout.hosts(("controller",))
    by_host = [dict(rendered(layout.renderer, value, host)) for host in hosts]
    params = [resource.pop("params", {}) for resource in by_host]
    params = [{key: text for key, text in each.items() if text != ""} for each in params]
    return {"agent": by_host[0].pop("agent"), **_params(params, hosts), **by_host[0]}


def _unit(layout: ClusterLayout, unit: Unit) -> dict[str, Any]:
    """Return the resource of a systemd unit, with its health check."""
    renderer, hosts, health = layout.renderer, layout.hosts(unit.roles), unit.health
    name = unit_name(unit_names(renderer, unit)[0])
    by_host = []
    for host in hosts:
        params: dict[str, Any] = {"unit": name}
        params |= {"url": renderer.redacted(health.url, host)} if health.url else {}
        params |= {"bus_port": 5672} if health.bus else {}
        by_host.append(params)
    resource = {
        "agent": f"ocf:pacemaker-os:{renderer.redacted(unit.agent)}",
        **_params(by_host, hosts),
        "operations": {
            "monitor": {"interval": f"{renderer.setting('monitor_interval')}s", "timeout": "60s"},
            "start": {"timeout": f"{unit.start_timeout}s"},
            "stop": {"timeout": f"{unit.stop_timeout}s"},
        },
    }
    kind = {"meta": {"priority": _SINGLE}} if unit.single else {"clone": {"interleave": True}}
    return {**resource, **kind}


def _params(by_host: list[dict[str, Any]], hosts: tuple[Host, ...]) -> dict[str, Any]:
    """Return the parameters of a resource, given those on each host."""
    first = by_host[0]
    if not first:
        return {}
    common = {key: value for key, value in first.items() if all(params[key] == value for params in by_host)}
    if len(common) == len(first):
        return {"params": first}
    rules = [
        {"where": f"#uname eq {host.name}", "values": {k: v for k, v in params.items() if k not in common}}
        for host, params in zip(hosts, by_host, strict=True)
    ]
    return {"params": [{"values": common}, *rules] if common else rules}
