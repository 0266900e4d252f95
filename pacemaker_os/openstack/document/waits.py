"""What waits for what.

A service starts once one instance of each that it needs serves, and it goes on when that one is lost
afterwards (`symmetrical=false, require-all=false`). Clients change over to another instance by themselves;
stopping and starting half a cloud because a database was restarted on one node would be worse than the loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.document.placed import PROXY, Placed
from pacemaker_os.openstack.service import Unit

#: A start waits, a stop does not.
_START_ONLY = "(symmetrical=false, require-all=false)"
_START_ONLY_ONE = "(symmetrical=false)"


def order(placed: Placed) -> Iterator[str]:
    """What each unit waits for: on its own host, and anywhere."""
    vips = placed.addresses
    # Only at the start: at the end it is the other way round, see `drain`.
    yield from (f"{PROXY} then {name} (require-all=false, symmetrical=false)" for name in vips)
    yield from (f"{first} then {then}" for first, then in placed.beside())
    behind: dict[str, set[str]] = {name: {PROXY} for name in vips}
    for service, unit in placed.units:
        needs = service.needs if unit.waits else ()
        gates = [gate for need in needs for gate in _gates(placed, need)]
        waits = {gate: gate.rpartition(" ")[2] for gate in [*gates, *unit.after]}
        known = {name for wait in waits.values() for name in behind.get(wait, ())}
        behind[unit.resource] = {*waits.values(), *known}
        for gate, name in waits.items():
            # What one of the others waits for need not be said again.
            if name not in known and name != unit.resource:
                options = _START_ONLY_ONE if name in vips else _START_ONLY
                yield f"{gate} then {'start ' if gate != name else ''}{unit.resource} {options}"


def foremost(placed: Placed) -> Iterator[Any]:
    """What starts at the same time as an address, or as a store has a new master, starts after it.

    `order` says that only of what is started from nothing: keystone waits for the address, and what needs
    keystone for keystone, which runs. A start that waits for its database, which is behind the address,
    would hold up whatever Pacemaker plans meanwhile, and with it the address and the new master.

    It binds only what happens at the same time anyway (kind=Optional), as in `drain`.
    """
    stores = ((name, value["promotable"]) for name, value in placed.spelled() if "promotable" in value)
    masters = [name for name, promotable in stores if "promoted-max" not in promotable]
    units = [unit.resource for unit in _behind(placed)]
    steps = (("start", list(placed.addresses)), ("promote", masters), ("start", units))
    yield from _one_after_the_other("foremost", steps)


def _behind(placed: Placed) -> list[Unit]:
    """The units behind the addresses: all but that of the load balancer, which is before them."""
    return [unit for _, unit in placed.units if unit.resource != PROXY]


def _gates(placed: Placed, need: str) -> Iterator[str]:
    """The resources that show that a service serves, as far as the cluster has them."""
    service = CATALOGUE[need]
    if service.gates is None:
        found = [placed.shared.get(unit.resource, unit.resource) for unit in service.units]
        yield from [name for name in found if name in placed.names][:1]
    else:
        gates = [gate for text in service.gates for gate in placed.fill.shown(text).splitlines()]
        yield from [gate for gate in gates if gate.rpartition(" ")[2] in placed.names]


def drain(placed: Placed) -> Iterator[Any]:
    """In which order a node is emptied: first its haproxy ends, then its addresses go, then what serves
    behind them stops, and what that leans on comes last: the database, the bus, caches. What runs once goes
    on until then, as it starts elsewhere when the stores have their masters there (`foremost`).

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
    vips = list(placed.addresses)
    units = [unit.resource for unit in _behind(placed) if not unit.single]
    singles = [unit.resource for unit in _behind(placed) if unit.single]
    stores = [name for name, value in placed.spelled() if "promotable" in value]
    others = [name for name, value in placed.spelled() if "clone" in value]
    ways = {
        "drain-proxy": (("stop", [PROXY] if vips else []), ("stop", vips)),
        "drain": (("start", vips), ("stop", units), ("stop", singles), ("demote", stores)),
        "drain-others": (("stop", [*units, *singles]), ("stop", [*stores, *others])),
    }
    for name, steps in ways.items():
        yield from _one_after_the_other(name, steps)


def _one_after_the_other(name: str, steps: Iterable[tuple[str, list[str]]]) -> Iterator[Any]:
    """An order of actions, each with resources, as far as they happen at the same time."""
    sets = [{"sequential": False, "action": action, "resources": them} for action, them in steps if them]
    if len(sets) > 1:
        yield {"id": name, "kind": "Optional", "symmetrical": False, "sets": sets}
