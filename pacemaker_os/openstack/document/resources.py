"""Each resource of a cluster: fencing devices, connections to compute nodes, and what services bring."""

from __future__ import annotations

from typing import Any

from pacemaker_os.openstack.catalogue import weight
from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.document.placed import Placed, filled
from pacemaker_os.openstack.document.text import SecretName
from pacemaker_os.openstack.render import unit_name, unit_names
from pacemaker_os.openstack.service import Mount, Service, Unit

#: What Pacemaker does first of all: an address, as every client and most services wait for it, and the
#: connection to a compute node, which counts as lost without it. Pages say so of nova-evacuate and Redis;
#: then comes what runs once, which serves nobody until it runs elsewhere.
_ADDRESS, _CONNECTION, _SINGLE = 300, 200, 40


def all_resources(placed: Placed) -> dict[str, Any]:
    """Every resource by its id."""
    found: dict[str, Any] = {f"fence-{host.name}": _fence(host) for host in placed.fenced}
    found |= {host.name: _remote(placed, host) for host in placed.remotes}
    for service in placed.services:
        found |= {name: _weighed(service, resource) for name, resource in _of(placed, service).items()}
    return found


def level(placed: Placed, host: Host) -> list[Any]:
    """What fences a host: its power, and then what a service adds for its role."""
    added = [
        device
        for service in placed.services
        for role, device in service.fenced_with.items()
        if placed.cloud.has(host, (role,))
    ]
    power = f"fence-{host.name}"
    return [[power, *added]] if added else [power]


def _of(placed: Placed, service: Service) -> dict[str, Any]:
    """The resources of a service by their ids."""
    spelled = service.document.get("resources", {})
    return {
        **{name: _own(placed, value) for name, value in spelled.items()},
        **{mount.resource: _mount(placed, mount) for owner, mount in placed.mounts if owner is service},
        **{unit.resource: _unit(placed, unit) for owner, unit in placed.units if owner is service},
        **(_addresses(placed) if service.name == "haproxy" else {}),
    }


def _weighed(service: Service, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource, and that it comes before those that fewer services need.

    Pacemaker does what has the higher priority first where it cannot do all at once, as when a node is
    back: a new master elsewhere is not to wait until a hundred others were looked for there.
    """
    meta = {"priority": weight(service.name)} | resource.get("meta", {})
    return {**resource, "meta": meta} if meta["priority"] else resource


def _fence(host: Host) -> dict[str, Any]:
    """The device that powers a host off."""
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


def _remote(placed: Placed, host: Host) -> dict[str, Any]:
    """The connection to a host that is no member.

    One that has lost its power says nothing, not even that it ends: only the monitor finds out.
    """
    timeout = placed.fill.setting("remote_timeout")
    return {
        "agent": "ocf:pacemaker:remote",
        "params": {"server": host.address, "reconnect_interval": "60s"},
        "operations": {
            "monitor": {"interval": "10s", "timeout": f"{timeout}s"},
            "start": {"timeout": "60s"},
        },
        "meta": {"priority": _CONNECTION},
    }


def _mount(placed: Placed, mount: Mount) -> dict[str, Any]:
    """A file system, mounted on every host that shares it."""
    return {
        "agent": "ocf:heartbeat:Filesystem",
        "params": {
            "device": placed.fill.setting(mount.setting),
            "directory": mount.folder,
            "fstype": mount.fstype,
        },
        "operations": {
            "monitor": {"interval": "20s", "timeout": "40s"},
            "start": {"timeout": "60s"},
            "stop": {"timeout": "60s"},
        },
        "clone": {"interleave": True},
    }


def _addresses(placed: Placed) -> dict[str, Any]:
    """The virtual addresses."""
    # The interface is the same on all hosts that carry them.
    return {
        name: {
            "agent": "ocf:heartbeat:IPaddr2",
            "params": {
                "ip": address,
                "cidr_netmask": placed.cloud.prefix,
                "nic": placed.hosts(("front",))[0].interface,
            },
            "operations": {"monitor": {"interval": "10s", "timeout": "20s"}},
            "meta": {"priority": _ADDRESS},
        }
        for name, address in placed.addresses.items()
    }


def _own(placed: Placed, value: Any) -> dict[str, Any]:
    """A resource that a page spells out; parameters that differ between hosts become sets with rules, and
    those that are empty are left out.
    """
    hosts = placed.hosts(("controller",))
    readings = [dict(filled(placed.fill, value, host)) for host in hosts]
    params = [reading.pop("params", {}) for reading in readings]
    kept = [{key: word for key, word in each.items() if word != ""} for each in params]
    return {"agent": readings[0].pop("agent"), **_params(kept, hosts), **readings[0]}


def _unit(placed: Placed, unit: Unit) -> dict[str, Any]:
    """A systemd unit, judged by what it does."""
    fill, hosts, health = placed.fill, placed.hosts(unit.roles), unit.health
    name = unit_name(unit_names(fill, unit)[0])
    readings = []
    for host in hosts:
        params: dict[str, Any] = {"unit": name}
        params |= {"url": fill.shown(health.url, host)} if health.url else {}
        params |= {"bus_port": 5672} if health.bus else {}
        readings.append(params)
    resource = {
        "agent": f"ocf:pacemaker-os:{fill.shown(unit.agent)}",
        **_params(readings, hosts),
        "operations": {
            "monitor": {"interval": f"{fill.setting('monitor_interval')}s", "timeout": "60s"},
            "start": {"timeout": f"{unit.start_timeout}s"},
            "stop": {"timeout": f"{unit.stop_timeout}s"},
        },
    }
    kind = {"meta": {"priority": _SINGLE}} if unit.single else {"clone": {"interleave": True}}
    return {**resource, **kind}


def _params(readings: list[dict[str, Any]], hosts: tuple[Host, ...]) -> dict[str, Any]:
    """The parameters of a resource, given those that it shall have on each host."""
    first = readings[0]
    if not first:
        return {}
    common = {key: value for key, value in first.items() if all(r[key] == value for r in readings)}
    if len(common) == len(first):
        return {"params": first}
    rules = [
        {"where": f"#uname eq {host.name}", "values": {k: v for k, v in reading.items() if k not in common}}
        for host, reading in zip(hosts, readings, strict=True)
    ]
    return {"params": [{"values": common}, *rules] if common else rules}
