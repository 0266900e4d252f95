"""Where an instance can go, by what Placement has free and what its server groups allow."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pacemaker_os.agents.nova_evacuate.nova.values import Group, Server


@dataclass(frozen=True, slots=True)
class Place:
    """A host that may take instances, and what it has free of each resource class."""

    host: str
    free: Mapping[str, int] = field(default_factory=dict)


def needs(server: Server) -> dict[str, int]:
    """What an instance takes of each resource class, by its flavor (Nova's own sums)."""
    flavor = server.flavor
    swap = -(-flavor.swap // 1024)
    root = flavor.disk if server.image else 0
    wanted = {"VCPU": flavor.vcpus, "MEMORY_MB": flavor.ram, "DISK_GB": root + flavor.ephemeral + swap}
    for name, value in flavor.extra.items():
        if name.startswith("resources:") and str(value).isdigit():
            wanted[name.removeprefix("resources:")] = int(value)
    return {name: amount for name, amount in wanted.items() if amount}


def lacks(server: Server, place: Place) -> str:
    """What a place has too little of; empty when the instance fits."""
    for name, amount in needs(server).items():
        if place.free.get(name, 0) < amount:
            return name
    return ""


def allowed(
    server: Server, places: Iterable[Place], groups: Iterable[Group], where: Mapping[str, str], dead: str
) -> tuple[list[Place], str]:
    """The places that the instance's server groups allow, and the reason when there is none.

    `where` says on which host each instance is. Policies with `soft-` forbid nothing.
    """
    left, reason = list(places), ""
    for group in groups:
        if server.id not in group.members:
            continue
        others = [where[uuid] for uuid in group.members - {server.id} if where.get(uuid, dead) != dead]
        if group.policy == "anti-affinity":
            left = [place for place in left if others.count(place.host) < group.most]
            reason = "its server group (anti-affinity) has an instance on every other host"
        elif group.policy == "affinity" and others:
            left = [place for place in left if place.host in others]
            reason = f"its server group (affinity) wants it on {others[0]}, which takes no instances"
    return left, "" if left else reason


def choose(
    server: Server, places: Iterable[Place], groups: Iterable[Group], where: Mapping[str, str], dead: str
) -> tuple[str, str]:
    """The host with the most memory free that can take the instance; or no host, and why.

    Nova's scheduler decides by more than this; where this finds none, Nova finds none either.
    """
    known = list(places)
    if not known:
        return "", "no other compute node is up and enabled"
    left, reason = allowed(server, known, groups, where, dead)
    if not left:
        return "", reason
    fitting = [place for place in left if not lacks(server, place)]
    if not fitting:
        wanted = ", ".join(f"{amount} {name}" for name, amount in needs(server).items())
        short = sorted({lacks(server, place) for place in left})
        return "", f"no host that it may use has {wanted} free (short of {', '.join(short)})"
    return max(fitting, key=lambda place: (place.free.get("MEMORY_MB", 0), place.host)).host, ""


def take(server: Server, host: str, places: Iterable[Place]) -> list[Place]:
    """The places after the instance went to `host`."""
    used = needs(server)
    return [
        Place(place.host, {name: free - used.get(name, 0) for name, free in place.free.items()})
        if place.host == host
        else place
        for place in places
    ]
