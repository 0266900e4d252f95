"""The cluster's document for a cloud: what Pacemaker runs where, in which order.

How resources wait for each other: a service starts once one instance of each that it needs serves, and
it goes on when that one is lost afterwards (`symmetrical=false, require-all=false`). Clients change over
to another instance by themselves; stopping and starting half a cloud because a database was restarted on one
node would be worse than the loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from pacemaker_os.openstack.catalogue import CATALOGUE, weight
from pacemaker_os.openstack.check import refuse
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.render import filler, unit_name, unit_names
from pacemaker_os.openstack.service import Mount, Service, Unit
from pacemaker_os.openstack.template import Filler

#: The node attribute that says what a node is for.
ROLE = "osprole"

#: A start waits, a stop does not.
_START_ONLY = "(symmetrical=false, require-all=false)"
_START_ONLY_ONE = "(symmetrical=false)"

_COMMENT = """\
# What Pacemaker runs for the cloud '{name}'. Each deployment writes it anew: change the topology instead.
"""


class _SecretName(str):
    """The name of a secret, written as `!secret NAME`."""


class _Dumper(yaml.SafeDumper):
    """Writes plain data, and names of secrets. Nothing twice is written as an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True


class _Lines(list[Any]):
    """A list with a line for each entry."""


_Dumper.add_representer(
    _SecretName, lambda dumper, name: dumper.represent_scalar("!secret", str(name), style=None)
)
_Dumper.add_representer(
    _Lines, lambda dumper, lines: dumper.represent_sequence("tag:yaml.org,2002:seq", lines, flow_style=False)
)


def cluster_document(cloud: Cloud, services: tuple[Service, ...]) -> str:
    """The text of the cluster's document for these services. Raises CatalogueError."""
    refuse(cloud)
    fill = filler(cloud, {})
    resources = _Resources(fill, services)
    document: dict[str, Any] = {
        "name": cloud.name,
        "properties": properties(fill),
        "nodes": nodes(cloud, resources.remotes),
        "defaults": {"resources": {"resource-stickiness": 100, "failure-timeout": "10min"}},
        "resources": resources.all(),
        "order": _Lines([*resources.order(), *resources.drain(), *resources.said("order")]),
        "colocation": _Lines([*resources.colocation(), *resources.said("colocation")]),
        "location": _Lines([*resources.location(), *resources.said("location")]),
        "fencing": {host.name: resources.level(host) for host in resources.fenced},
    }
    kept = {key: value for key, value in document.items() if value}
    text = yaml.dump(
        kept, Dumper=_Dumper, default_flow_style=None, sort_keys=False, width=110, allow_unicode=True
    )
    return _COMMENT.format(name=cloud.name) + text


def properties(fill: Filler) -> dict[str, Any]:
    """The cluster's properties."""
    return {
        "stonith-enabled": fill.setting("fencing") == "yes",
        "no-quorum-policy": "stop",
        "cluster-recheck-interval": "5min",
        # When thirty services start at once the load is high, and on three nodes Pacemaker would then do one
        # thing at a time in the whole cluster: brokers that need each other to start would wait in vain.
        # node-action-limit stays what keeps a node from doing too much at once.
        "load-threshold": "10000%",
        **({"node-action-limit": limit} if (limit := fill.setting("actions_per_node")) else {}),
        "pe-warn-series-max": 1000,
        "pe-input-series-max": 1000,
        "pe-error-series-max": 1000,
    }


def role_word(host: Host) -> str:
    """What the node attribute says of a host."""
    return "-".join(host.roles)


def nodes(cloud: Cloud, remotes: tuple[Host, ...]) -> dict[str, Any]:
    """The nodes and what they are for."""
    found: dict[str, Any] = {host.name: {ROLE: role_word(host)} for host in cloud.members}
    return found | {host.name: {"attributes": {ROLE: role_word(host)}, "type": "remote"} for host in remotes}


def _filled(fill: Filler, value: Any, host: Host | None) -> Any:
    """Data with its strings filled in."""
    if isinstance(value, str):
        return fill.shown(value, host)
    if isinstance(value, Mapping):
        return {key: _filled(fill, entry, host) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(fill, entry, host) for entry in value]
    return value


class _Resources:
    """The resources of a cloud for some services, and the constraints among them."""

    def __init__(self, fill: Filler, services: tuple[Service, ...]) -> None:
        self.fill, self.cloud, self.services = fill, fill.cloud, services
        self.units: list[tuple[Service, Unit]] = []
        #: Where two services have one systemd unit (two sites of one httpd), the first has the resource.
        self.shared: dict[str, str] = {}
        systemd: dict[str, str] = {}
        for service in services:
            for unit in service.units:
                names = unit_names(fill, unit)
                if not names or not fill.chosen(unit.where) or not self._hosts(unit.roles):
                    continue
                if (first := systemd.setdefault(names[0], unit.resource)) == unit.resource:
                    self.units.append((service, unit))
                else:
                    self.shared[unit.resource] = first
        self.mounts = [
            (service, mount)
            for service in services
            for mount in service.mounts
            if fill.setting(mount.setting)
        ]
        self._names = {
            *(unit.resource for _, unit in self.units),
            *(name for service in services for name in service.document.get("resources", {})),
            *self.vips(),
        }
        used = {host.name for _, unit in self.units for host in self._hosts(unit.roles)}
        self.remotes = tuple(host for host in self.cloud.remotes if host.name in used)
        self.fenced = self._fenced()

    def _hosts(self, roles: tuple[str, ...]) -> tuple[Host, ...]:
        """The hosts of the cluster that do the work of some roles."""
        return tuple(
            host for host in self.cloud.hosts if self.cloud.has(host, roles) and self.cloud.in_cluster(host)
        )

    def _fenced(self) -> tuple[Host, ...]:
        """The hosts with a fencing device."""
        wanted = self.fill.setting("fencing") == "yes"
        return (*self.cloud.members, *self.remotes) if wanted else ()

    def level(self, host: Host) -> list[Any]:
        """What fences a host: its power, and then what a service adds for its role."""
        added = [
            device
            for service in self.services
            for role, device in service.fenced_with.items()
            if self.cloud.has(host, (role,))
        ]
        power = f"fence-{host.name}"
        return [[power, *added]] if added else [power]

    def all(self) -> dict[str, Any]:
        """Every resource by its id."""
        found: dict[str, Any] = {f"fence-{host.name}": self._fence(host) for host in self.fenced}
        found |= {host.name: self._remote(host) for host in self.remotes}
        for service in self.services:
            found |= {name: self._weighed(service, resource) for name, resource in self._of(service).items()}
        return found

    def _of(self, service: Service) -> dict[str, Any]:
        """The resources of a service by their ids."""
        spelled = service.document.get("resources", {})
        return {
            **{name: self._own(service, value) for name, value in spelled.items()},
            **{mount.resource: self._mount(mount) for owner, mount in self.mounts if owner is service},
            **{unit.resource: self._unit(unit) for owner, unit in self.units if owner is service},
            **(self.vips() if service.name == "haproxy" else {}),
        }

    def _weighed(self, service: Service, resource: dict[str, Any]) -> dict[str, Any]:
        """A resource, and that it comes before those that fewer services need.

        Pacemaker does what has the higher priority first where it cannot do all at once, as when a node is
        back: a new master elsewhere is not to wait until a hundred others were looked for there.
        """
        meta = {"priority": weight(service.name)} | resource.get("meta", {})
        return {**resource, "meta": meta} if meta["priority"] else resource

    def _fence(self, host: Host) -> dict[str, Any]:
        """The device that powers a host off."""
        params: dict[str, Any] = {
            key: _SecretName(value.removeprefix("secret:")) if value.startswith("secret:") else value
            for key, value in host.fencing.items()
            if key != "agent"
        }
        return {
            "agent": f"stonith:{host.fencing['agent']}",
            "params": {**params, "pcmk_host_list": host.name},
            "monitor": "60s",
        }

    def _remote(self, host: Host) -> dict[str, Any]:
        """The connection to a host that is no member."""
        return {
            "agent": "ocf:pacemaker:remote",
            "params": {"server": host.address, "reconnect_interval": "60s"},
            "operations": {"monitor": {"interval": "20s", "timeout": "30s"}, "start": {"timeout": "60s"}},
        }

    def _mount(self, mount: Mount) -> dict[str, Any]:
        """A file system, mounted on every host that shares it."""
        return {
            "agent": "ocf:heartbeat:Filesystem",
            "params": {
                "device": self.fill.setting(mount.setting),
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

    def _beside(self) -> Iterator[tuple[str, str]]:
        """Each resource and a unit that needs it on its own host."""
        running = {unit.resource for _, unit in self.units}
        for service, unit in self.units:
            for owner, mount in self.mounts:
                if service is owner and set(unit.roles) & set(mount.roles):
                    yield mount.resource, unit.resource
            yield from ((name, unit.resource) for name in unit.beside if name in running)

    def vips(self) -> dict[str, Any]:
        """The virtual addresses, where haproxy is Pacemaker's."""
        if not any(unit.resource == "lb-haproxy" for _, unit in self.units):
            return {}
        return {
            vip_name(service): {
                "agent": "ocf:heartbeat:IPaddr2",
                "params": {"ip": address, "cidr_netmask": self.cloud.prefix, "nic": self._interface()},
                "operations": {"monitor": {"interval": "10s", "timeout": "20s"}},
            }
            for service, address in self.cloud.vips.items()
        }

    def _interface(self) -> str:
        """The interface of the virtual addresses, the same on all hosts that carry them."""
        return self._hosts(("front",))[0].interface

    def _own(self, service: Service, value: Any) -> dict[str, Any]:
        """A resource that a page spells out; parameters that differ between hosts become sets with rules, and
        those that are empty are left out.
        """
        hosts = self._hosts(("controller",))
        readings = [dict(_filled(self.fill, value, host)) for host in hosts]
        params = [reading.pop("params", {}) for reading in readings]
        said = [{key: word for key, word in each.items() if word != ""} for each in params]
        return {"agent": readings[0].pop("agent"), **_params(said, hosts), **readings[0]}

    def _unit(self, unit: Unit) -> dict[str, Any]:
        """A systemd unit, judged by what it does."""
        hosts = self._hosts(unit.roles)
        names = unit_names(self.fill, unit)
        health = unit.health
        interval = f"{self.fill.setting('monitor_interval')}s"
        readings = []
        for host in hosts:
            params: dict[str, Any] = {"unit": unit_name(names[0])}
            params |= {"url": self.fill.shown(health.url, host)} if health.url else {}
            params |= {"bus_port": 5672} if health.bus else {}
            readings.append(params)
        resource = {
            "agent": f"ocf:pacemaker-os:{self.fill.shown(unit.agent)}",
            **_params(readings, hosts),
            "operations": {
                "monitor": {"interval": interval, "timeout": "60s"},
                "start": {"timeout": f"{unit.start_timeout}s"},
                "stop": {"timeout": f"{unit.stop_timeout}s"},
            },
        }
        return resource if unit.single else {**resource, "clone": {"interleave": True}}

    def said(self, key: str) -> Iterator[Any]:
        """What the pages say in the document's own words."""
        for service in self.services:
            for entry in _filled(self.fill, service.document.get(key, []), None):
                if not isinstance(entry, dict) or entry["resource"] in self._names:
                    yield entry

    def order(self) -> Iterator[str]:
        """What each unit waits for: on its own host, and anywhere."""
        vips = self.vips()
        # Only at the start: at the end it is the other way round, see `drain`.
        yield from (f"lb-haproxy then {name} (require-all=false, symmetrical=false)" for name in vips)
        yield from (f"{first} then {then}" for first, then in self._beside())
        behind: dict[str, set[str]] = {name: {"lb-haproxy"} for name in vips}
        for service, unit in self.units:
            needs = service.needs if unit.waits else ()
            gates = [gate for need in needs for gate in self._gates(need)]
            waits = {gate: gate.rpartition(" ")[2] for gate in [*gates, *unit.after]}
            known = {name for wait in waits.values() for name in behind.get(wait, ())}
            behind[unit.resource] = {*waits.values(), *known}
            for gate, name in waits.items():
                # What one of the others waits for need not be said again.
                if name not in known and name != unit.resource:
                    options = _START_ONLY_ONE if name in vips else _START_ONLY
                    yield f"{gate} then {'start ' if gate != name else ''}{unit.resource} {options}"

    def drain(self) -> Iterator[Any]:
        """In which order a node is emptied: first its haproxy ends, then its addresses go, then what serves
        behind them stops, and what that leans on comes last: the database, the bus, caches.

        haproxy ends while it still has the addresses: so the kernel can tell its clients, and the services
        that reach their database through it, that their connections are no more. Of an address that is
        taken away nobody hears: who waits for an answer would wait until keepalive finds out (seconds,
        where it is on at all). Without the rest all of it stops at once, and clients wait for an address
        that still points at a node whose services are gone already. What no client asks (agents, a replica)
        waits as well: its end may have the cluster plan anew, and for that everything under way has to end
        first, while the addresses are nowhere.

        It binds only what happens at the same time anyway (kind=Optional): an address that cannot start
        anywhere keeps nothing from stopping.
        """
        vips = list(self.vips())
        units = [unit.resource for _, unit in self.units if not unit.single and unit.resource != "lb-haproxy"]
        spelled = [
            each for service in self.services for each in service.document.get("resources", {}).items()
        ]
        stores = [name for name, value in spelled if "promotable" in value]
        others = [name for name, value in spelled if "clone" in value]
        ways = {
            "drain-proxy": (("stop", ["lb-haproxy"] if vips else []), ("stop", vips)),
            "drain": (("start", vips), ("stop", units), ("demote", stores)),
            "drain-others": (("stop", units), ("stop", [*stores, *others])),
        }
        for name, steps in ways.items():
            sets = [
                {"sequential": False, "action": action, "resources": them} for action, them in steps if them
            ]
            if len(sets) > 1:
                yield {"id": name, "kind": "Optional", "symmetrical": False, "sets": sets}

    def _gates(self, need: str) -> Iterator[str]:
        """The resources that show that a service serves, as far as the cluster has them."""
        service = CATALOGUE[need]
        if service.gates is None:
            found = [self.shared.get(unit.resource, unit.resource) for unit in service.units]
            yield from [name for name in found if name in self._names][:1]
        else:
            gates = [gate for text in service.gates for gate in self.fill.shown(text).splitlines()]
            yield from [gate for gate in gates if gate.rpartition(" ")[2] in self._names]

    def colocation(self) -> Iterator[str]:
        """An address is where a haproxy runs, and goes where one runs when that one is lost."""
        yield from (f"{name} with lb-haproxy" for name in self.vips())
        yield from (f"{then} with {first}" for first, then in self._beside())

    def location(self) -> Iterator[Any]:
        """Resources on the hosts of their roles, and nowhere else, not even looked for."""
        by_where: dict[str, list[str]] = {}
        for service in self.services:
            for name, resource in service.document.get("resources", {}).items():
                if resource["agent"].startswith("stonith:"):
                    continue
                by_where.setdefault(self._where(("controller",)), []).append(name)
        for _, mount in self.mounts:
            by_where.setdefault(self._where(mount.roles), []).append(mount.resource)
        for _, unit in self.units:
            by_where.setdefault(self._where(unit.roles), []).append(unit.resource)
        vips = self.vips()
        if vips:
            by_where[self._where(("front",))] += list(vips)
        if self.remotes:
            by_where[self._where(("controller",))] += [host.name for host in self.remotes]
        for where, names in by_where.items():
            words = "-".join(where.replace(f"{ROLE} eq ", "").split(" or "))
            yield {"id": f"on-{words}", "resources": names, "where": where, "discovery": "exclusive"}
        members = self.cloud.members
        if len(vips) > 1:
            # Less than the stickiness: an address that moved does not move again when its host is back.
            for number, name in enumerate(vips):
                yield f"{name} on {members[number % len(members)].name} (50)"
        yield from (f"fence-{host.name} avoids {host.name}" for host in self.fenced if host in members)

    def _where(self, roles: tuple[str, ...]) -> str:
        """The rule for the nodes of some roles."""
        words = dict.fromkeys(role_word(host) for host in self._hosts(roles))
        return " or ".join(f"{ROLE} eq {word}" for word in words)


def vip_name(service: str) -> str:
    """The resource of a virtual address."""
    return "vip" if service == "default" else f"vip-{service}"


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
