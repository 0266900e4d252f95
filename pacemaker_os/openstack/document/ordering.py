"""Order constraints: startup of services, and draining of a node.

A service starts after one instance of each service that it needs has started, and keeps running if that
instance fails later (`symmetrical=false, require-all=false`). Clients fail over to another instance by
themselves; restarting half of the cloud because a database restarted on one node would be worse than the
failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.document.layout import PROXY, ClusterLayout
from pacemaker_os.openstack.service import Unit

#: Options of constraints that delay starts but not stops; `_ONE` is for resources without several instances.
_START_ONLY = "(symmetrical=false, require-all=false)"
_START_ONLY_ONE = "(symmetrical=false)"


def order(layout: ClusterLayout) -> Iterator[str]:
    """Yield the orders of resources on the same host, and of each unit after the services that it needs."""
    vips = layout.addresses
    # At the start only: when a node is drained, the order is the opposite, see `drain`.
    yield from (f"{PROXY} then {name} (require-all=false, symmetrical=false)" for name in vips)
    yield from (f"{first} then {then}" for first, then in layout.colocations())
    before: dict[str, set[str]] = {name: {PROXY} for name in vips}
    for service, unit in layout.units:
        needs = service.needs if unit.waits_for_dependencies else ()
        readiness = [step for need in needs for step in _readiness(layout, need)]
        steps = {step: step.rpartition(" ")[2] for step in [*readiness, *unit.after]}
        implied = {name for first in steps.values() for name in before.get(first, ())}
        before[unit.resource] = {*steps.values(), *implied}
        for step, name in steps.items():
            # Orders that follow from other orders are left out.
            if name not in implied and name != unit.resource:
                options = _START_ONLY_ONE if name in vips else _START_ONLY
                yield f"{step} then {'start ' if step != name else ''}{unit.resource} {options}"


def start_priorities(layout: ClusterLayout) -> Iterator[Any]:
    """Yield the order that starts addresses first, then promotes backends, then starts all other units.

    The constraints of `order` do this only for a start from nothing: Keystone waits for the address, and
    services wait for Keystone, which may already be running. A start that waits for its database, behind the
    address, would then delay Pacemaker's next transition, and with it the address and the new master.

    The order applies only to actions in the same transition (kind=Optional), as in `drain`.
    """
    backends = (
        (name, value["promotable"]) for name, value in layout.explicit_resources() if "promotable" in value
    )
    masters = [name for name, promotable in backends if "promoted-max" not in promotable]
    units = [unit.resource for unit in _behind_addresses(layout)]
    steps = (("start", list(layout.addresses)), ("promote", masters), ("start", units))
    yield from _optional_sequence("start-priorities", steps)


def _behind_addresses(layout: ClusterLayout) -> list[Unit]:
    """Return the units behind the virtual IP addresses: all but the load balancer."""
    return [unit for _, unit in layout.units if unit.resource != PROXY]


def _readiness(layout: ClusterLayout, need: str) -> Iterator[str]:
    """Yield the cluster's resources that show that a service runs, each with its action if one is given."""
    service = SERVICES[need]
    if service.readiness_resources is None:
        found = [layout.shared.get(unit.resource, unit.resource) for unit in service.units]
        yield from [name for name in found if name in layout.names][:1]
    else:
        texts = [layout.renderer.redacted(text) for text in service.readiness_resources]
        steps = [step for text in texts for step in text.splitlines()]
        yield from [step for step in steps if step.rpartition(" ")[2] in layout.names]


def drain(layout: ClusterLayout) -> Iterator[Any]:
    """Yield the order in which a node is drained.

    haproxy stops first, then the addresses move, then the services behind them stop, and their backends last:
    the database, the message broker, caches. Resources with a single instance run until the backends have
    new masters elsewhere, because they need those to start there (`start_priorities`).

    haproxy stops while it still has the addresses, so the kernel can tell its clients, and the services that
    reach their database through it, that their connections are closed. If the address moved first, clients
    would not notice and would wait until keepalive detects it, which takes seconds if it is enabled at all.
    Without the order of the other resources, all of them would stop at the same time, and clients would wait
    for an address that still points to a node without services. Resources without clients (agents, a replica)
    wait as well: their stop can trigger a new transition, which begins only after all pending actions have
    finished, and the addresses would be down meanwhile.

    The order applies only to actions in the same transition (kind=Optional): an address that cannot start
    anywhere does not keep other resources from stopping.
    """
    vips = list(layout.addresses)
    units = [unit.resource for unit in _behind_addresses(layout) if not unit.single]
    singles = [unit.resource for unit in _behind_addresses(layout) if unit.single]
    backends = [name for name, value in layout.explicit_resources() if "promotable" in value]
    clones = [name for name, value in layout.explicit_resources() if "clone" in value]
    sequences = {
        "drain-proxy": (("stop", [PROXY] if vips else []), ("stop", vips)),
        "drain": (("start", vips), ("stop", units), ("stop", singles), ("demote", backends)),
        "drain-others": (("stop", [*units, *singles]), ("stop", [*backends, *clones])),
    }
    for name, steps in sequences.items():
        yield from _optional_sequence(name, steps)


def _optional_sequence(name: str, steps: Iterable[tuple[str, list[str]]]) -> Iterator[Any]:
    """Yield an order of actions, each with its resources, for actions in the same transition."""
    sets = [
        {"sequential": False, "action": action, "resources": resources}
        for action, resources in steps
        if resources
    ]
    if len(sets) > 1:
        yield {"id": name, "kind": "Optional", "symmetrical": False, "sets": sets}
