"""Location and colocation constraints: on which nodes resources run, and which of them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pacemaker_os.openstack.document.layout import PROXY, ROLE, ClusterLayout, role_value


def colocation(layout: ClusterLayout) -> Iterator[str]:
    """Yield colocations; an address runs with an instance of haproxy and follows to another one."""
    yield from (f"{name} with {PROXY}" for name in layout.addresses)
    yield from (f"{then} with {first}" for first, then in layout.colocations())


def location(layout: ClusterLayout) -> Iterator[Any]:
    """Yield locations: resources run, and are probed, only on the hosts of their roles."""
    for where, names in _by_rule(layout).items():
        roles = "-".join(where.replace(f"{ROLE} eq ", "").split(" or "))
        yield {"id": f"on-{roles}", "resources": names, "where": where, "discovery": "exclusive"}
    members = layout.cloud.members
    if len(layout.addresses) > 1:
        # Lower than the stickiness: an address that moved stays where it is when its host is back.
        for number, name in enumerate(layout.addresses):
            yield f"{name} on {members[number % len(members)].name} (50)"
    yield from (f"fence-{host.name} avoids {host.name}" for host in layout.fenced if host in members)


def _by_rule(layout: ClusterLayout) -> dict[str, list[str]]:
    """Return the resources by the rule for their nodes; fencing devices have none."""
    explicit = [
        name for name, value in layout.explicit_resources() if not value["agent"].startswith("stonith:")
    ]
    placements = [
        *((name, ("controller",)) for name in explicit),
        *((mount.resource, mount.roles) for _, mount in layout.mounts),
        *((unit.resource, unit.roles) for _, unit in layout.units),
        *((name, ("front",)) for name in layout.addresses),
        *((host.name, ("controller",)) for host in layout.remotes),
    ]
    found: dict[str, list[str]] = {}
    for name, roles in placements:
        found.setdefault(_rule(layout, roles), []).append(name)
    return found


def _rule(layout: ClusterLayout, roles: tuple[str, ...]) -> str:
    """Return the rule that matches the nodes of some roles."""
    values = dict.fromkeys(role_value(host) for host in layout.hosts(roles))
    return " or ".join(f"{ROLE} eq {value}" for value in values)
