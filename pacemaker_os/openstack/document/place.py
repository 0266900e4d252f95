"""On which nodes resources run, and which of them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pacemaker_os.openstack.document.placed import PROXY, ROLE, Placed, role_word


def colocation(placed: Placed) -> Iterator[str]:
    """An address is where a haproxy runs, and goes where one runs when that one is lost."""
    yield from (f"{name} with {PROXY}" for name in placed.addresses)
    yield from (f"{then} with {first}" for first, then in placed.beside())


def location(placed: Placed) -> Iterator[Any]:
    """Resources on the hosts of their roles, and nowhere else, not even looked for."""
    for where, names in _by_rule(placed).items():
        words = "-".join(where.replace(f"{ROLE} eq ", "").split(" or "))
        yield {"id": f"on-{words}", "resources": names, "where": where, "discovery": "exclusive"}
    members = placed.cloud.members
    if len(placed.addresses) > 1:
        # Less than the stickiness: an address that moved does not move again when its host is back.
        for number, name in enumerate(placed.addresses):
            yield f"{name} on {members[number % len(members)].name} (50)"
    yield from (f"fence-{host.name} avoids {host.name}" for host in placed.fenced if host in members)


def _by_rule(placed: Placed) -> dict[str, list[str]]:
    """The resources by the rule for their nodes; fencing devices have none."""
    own = [name for name, value in placed.spelled() if not value["agent"].startswith("stonith:")]
    roles = [
        *((name, ("controller",)) for name in own),
        *((mount.resource, mount.roles) for _, mount in placed.mounts),
        *((unit.resource, unit.roles) for _, unit in placed.units),
        *((name, ("front",)) for name in placed.addresses),
        *((host.name, ("controller",)) for host in placed.remotes),
    ]
    found: dict[str, list[str]] = {}
    for name, them in roles:
        found.setdefault(_rule(placed, them), []).append(name)
    return found


def _rule(placed: Placed, roles: tuple[str, ...]) -> str:
    """The rule for the nodes of some roles."""
    words = dict.fromkeys(role_word(host) for host in placed.hosts(roles))
    return " or ".join(f"{ROLE} eq {word}" for word in words)
