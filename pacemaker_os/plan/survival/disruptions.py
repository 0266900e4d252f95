"""Disruptions: the services that stop after a node failure, with the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, hosts
from pacemaker_os.cib.tree.properties import possible_property
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.obstacles.constraints import restricts_nodes
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.survival.node_failures import NodeFailure
from pacemaker_os.text import abbreviate

#: Maximum number of devices or constraints in a message.
_LISTED = 3


@dataclass(frozen=True, slots=True)
class Disruption:
    """A service or node that a failure disrupts: `what` is the result, `why` the reason."""

    service: str
    what: str
    why: str


def disruptions(
    cib: etree._Element, before: Simulation, after: Simulation, failure: NodeFailure
) -> Iterator[Disruption]:
    """Yield the services that a failure stops, and the failed nodes that cannot be fenced."""
    services_before, services_after = _services(before.resources), _services(_remaining(after, failure))
    # A connection to a failed remote node always stops.
    services_before = {name: states for name, states in services_before.items() if name not in failure.nodes}
    stopped = {
        name
        for name, states in services_before.items()
        if _runs(states) and not _runs(services_after.get(name, ()))
    }
    for name, states in services_before.items():
        if name in stopped:
            yield Disruption(name, "does not run", _reason(cib, name, stopped, failure))
        elif _promoted(states) and not _promoted(services_after.get(name, ())):
            yield Disruption(name, "has no promoted instance", _reason(cib, name, stopped, failure))
    yield from _unfenced(cib, after, failure)


def _remaining(after: Simulation, failure: NodeFailure) -> list[ResourceState]:
    """Return the states without instances on failed nodes or instances that the scheduler stops."""
    stopping = {
        (action.resource.split(":")[0], action.source)
        for action in after.actions
        if action.verb == "stop" and not action.blocked
    }
    remaining = []
    for state in after.resources:
        name = state.id.split(":")[0]
        nodes = [n for n in state.nodes if n not in failure.nodes and (name, n) not in stopping]
        remaining.append(replace(state, nodes=tuple(nodes), active=state.active and bool(nodes)))
    return remaining


def _services(states: Sequence[ResourceState]) -> dict[str, list[ResourceState]]:
    """Return the instances of each resource. Fencing devices are checked separately."""
    found: dict[str, list[ResourceState]] = {}
    for state in states:
        if state.agent.startswith("stonith:") or state.orphaned:
            continue
        found.setdefault(state.resource, []).append(state)
    return found


def _runs(states: Collection[ResourceState]) -> bool:
    return any(state.active for state in states)


def _promoted(states: Collection[ResourceState]) -> bool:
    return any(state.active and state.role in ("Promoted", "Master") for state in states)


def _unfenced(cib: etree._Element, after: Simulation, failure: NodeFailure) -> Iterator[Disruption]:
    """Yield the failed nodes that no running device can fence. Pacemaker would wait for that indefinitely."""
    if not fencing_is_on(cib):
        return
    devices = list(cib.iterfind("configuration/resources//primitive[@class='stonith']"))
    running = {state.id.split(":")[0] for state in _remaining(after, failure) if state.active}
    for node in failure.nodes:
        able = [device for device in devices if not hosts(device) or node in hosts(device)]
        if not any(device.get("id") in running for device in able):
            ids = [str(device.get("id")) for device in able]
            verb = "do" if len(ids) > 1 else "does"
            why = (
                f"{abbreviate(ids, _LISTED)} {verb} not run" if able else "no fencing device covers this node"
            )
            yield Disruption(node, "cannot be fenced", why)


def _reason(cib: etree._Element, service: str, stopped: Collection[str], failure: NodeFailure) -> str:
    """Return the most specific reason that an operator can act on."""
    names = _names(cib, service)
    if not failure.quorum and _requires_quorum(cib):
        return f"no quorum: {failure.left} of {failure.total} votes remain"
    stopped_names = {each for name in stopped if name != service for each in _names(cib, name)} - names
    for constraint in cib.iterfind("configuration/constraints/*"):
        for then, first in (("then", "first"), ("rsc", "with-rsc")):
            if constraint.get(then) in names and constraint.get(first) in stopped_names:
                return f"depends on {constraint.get(first)}, which does not run ({constraint.get('id')})"
    locations = [
        str(constraint.get("id"))
        for constraint in cib.iterfind("configuration/constraints/rsc_location")
        if (
            constraint.get("rsc") in names
            or any(r.get("id") in names for r in constraint.iter("resource_ref"))
        )
        and restricts_nodes(constraint)
    ]
    if locations:
        return f"no other node is allowed ({', '.join(locations[:_LISTED])})"
    return "the scheduler finds no node for it"


def _requires_quorum(cib: etree._Element) -> bool:
    """Return whether a partition without quorum acts on that (Pacemaker Explained, no-quorum-policy)."""
    values = possible_property(cib.find("configuration"), "no-quorum-policy")
    return not values or any(value.lower() != "ignore" for value in values)


def _names(cib: etree._Element, service: str) -> set[str]:
    """Return the name of a resource and that of its outermost clone, group or bundle."""
    found = {service}
    for resource in cib.iterfind("configuration/resources/*"):
        if service in {str(each.get("id")) for each in resource.iter(*RESOURCE_TAGS)}:
            found.add(str(resource.get("id")))
    return found
