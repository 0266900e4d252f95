"""Hosts with free capacity for an instance, according to Placement and to its server groups. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.nova.values import Group, Server


@dataclass(frozen=True, slots=True)
class Place:
    """A host that accepts instances, with its free capacity by resource class."""

    host: str
    free: Mapping[str, int] = field(default_factory=dict)


#: Resource classes that every compute node offers itself. It may get all others, such as custom classes and
#: shared storage, from other resource providers, whose inventory is unknown here: then Nova decides.
OWN_CLASSES = frozenset({"VCPU", "PCPU", "MEMORY_MB"})


def required_resources(server: Server) -> dict[str, int]:
    """Return the resources of an instance by resource class, calculated from its flavor as Nova does.

    The number of dedicated CPUs (PCPU) of an instance with both kinds is unknown: it depends on a mask.
    """
    flavor = server.flavor
    swap = -(-flavor.swap // 1024)
    root = flavor.disk if server.image else 0
    policy = flavor.extra.get("hw:cpu_policy", "shared")
    isolated = flavor.extra.get("hw:emulator_threads_policy") == "isolate"
    cpus = {"dedicated": {"PCPU": flavor.vcpus + isolated}, "mixed": {}}.get(policy, {"VCPU": flavor.vcpus})
    needed = {**cpus, "MEMORY_MB": flavor.ram, "DISK_GB": root + flavor.ephemeral + swap}
    for name, value in flavor.extra.items():
        if name.startswith("resources:") and str(value).isdigit():
            needed[name.removeprefix("resources:")] = int(value)
    return {name: amount for name, amount in needed.items() if amount}


def missing_resource(server: Server, place: Place) -> str:
    """Return the resource class that a host certainly has too little of; empty if the instance may fit."""
    for name, amount in required_resources(server).items():
        known = name in place.free or (name in OWN_CLASSES)
        # Nova also accepts hosts whose dedicated CPUs are still counted as VCPU.
        free = max(place.free.get(each, 0) for each in ({"PCPU", "VCPU"} if name == "PCPU" else {name}))
        if known and free < amount:
            return name
    return ""


def allowed(
    server: Server, places: Iterable[Place], groups: Iterable[Group], where: Mapping[str, str], failed: str
) -> tuple[list[Place], str]:
    """Return the hosts that the server groups of an instance allow, or the reason why there is none.

    `where` maps instances to hosts. Groups with a `soft-` policy forbid nothing.
    """
    left, reason = list(places), ""
    for group in groups:
        if server.id not in group.members:
            continue
        others = [where[uuid] for uuid in group.members - {server.id} if where.get(uuid, failed) != failed]
        if group.policy == "anti-affinity":
            left = [place for place in left if others.count(place.host) < group.most]
            reason = "its server group (anti-affinity) allows none of the other hosts"
        elif group.policy == "affinity" and others:
            left = [place for place in left if place.host in others]
            reason = f"its server group (affinity) requires {others[0]}, which accepts no instances"
    return left, "" if left else reason


def choose(
    server: Server, places: Iterable[Place], groups: Iterable[Group], where: Mapping[str, str], failed: str
) -> tuple[str, str]:
    """Return the host with the most free memory that can take the instance, or the reason why there is none.

    Nova's scheduler has more criteria. If this function finds no host, Nova finds none either.
    """
    known = list(places)
    if not known:
        return "", "no other compute node is up and enabled"
    left, reason = allowed(server, known, groups, where, failed)
    if not left:
        return "", reason
    fitting = [place for place in left if not missing_resource(server, place)]
    if not fitting:
        needed = ", ".join(f"{amount} {name}" for name, amount in required_resources(server).items())
        short = sorted({missing_resource(server, place) for place in left})
        return "", f"no eligible host has {needed} free (insufficient: {', '.join(short)})"
    return max(fitting, key=lambda place: (place.free.get("MEMORY_MB", 0), place.host)).host, ""


def without_instance(server: Server, host: str, places: Iterable[Place]) -> list[Place]:
    """Return the hosts with the capacity that is left after the instance was placed on `host`."""
    used = required_resources(server)
    return [
        Place(place.host, {name: free - used.get(name, 0) for name, free in place.free.items()})
        if place.host == host
        else place
        for place in places
    ]
