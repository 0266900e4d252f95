"""What a loss of nodes takes away, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from pacemaker_os.cib.tree.fencing import fencing_is_on, hosts
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cib.values import INFINITY, score
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.survival.node_failures import NodeFailure
from pacemaker_os.text import abbreviate

#: How many devices or constraints are named before the rest is counted.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Disruption:
    """A service that a loss takes away: `what` is missing, and why."""

    service: str
    what: str
    why: str


def disruptions(
    cib: etree._Element, before: Simulation, after: Simulation, loss: NodeFailure
) -> Iterator[Disruption]:
    """Yield what ran before and does not run after, and nodes that nobody could have fenced."""
    olds, news = _services(before.resources), _services(_left(after, loss))
    # That the connection to a lost node is gone is no news.
    olds = {name: states for name, states in olds.items() if name not in loss.nodes}
    down = {name for name, states in olds.items() if _runs(states) and not _runs(news.get(name, ()))}
    for name, states in olds.items():
        after_states = news.get(name, ())
        if name in down:
            yield Disruption(name, "does not run", _why(cib, name, down, loss))
        elif _promoted(states) and not _promoted(after_states):
            yield Disruption(name, "is promoted nowhere", _why(cib, name, down, loss))
    yield from _unfenced(cib, after, loss)


def _left(after: Simulation, loss: NodeFailure) -> list[ResourceState]:
    """What is left of what runs: not what is on lost nodes, nor what the scheduler wants stopped."""
    stopping = {
        (action.resource.split(":")[0], action.source)
        for action in after.actions
        if action.verb == "stop" and not action.blocked
    }
    left = []
    for state in after.resources:
        name = state.id.split(":")[0]
        nodes = [n for n in state.nodes if n not in loss.nodes and (name, n) not in stopping]
        left.append(replace(state, nodes=tuple(nodes), active=state.active and bool(nodes)))
    return left


def _services(states: Sequence[ResourceState]) -> dict[str, list[ResourceState]]:
    """Single resources by themselves, instances of a clone or bundle together; fencing is looked at apart."""
    found: dict[str, list[ResourceState]] = {}
    for state in states:
        if state.agent.startswith("stonith:") or state.orphaned:
            continue
        found.setdefault(state.id.split(":")[0], []).append(state)
    return found


def _runs(states: Collection[ResourceState]) -> bool:
    return any(state.active for state in states)


def _promoted(states: Collection[ResourceState]) -> bool:
    return any(state.active and state.role in ("Promoted", "Master") for state in states)


def _unfenced(cib: etree._Element, after: Simulation, loss: NodeFailure) -> Iterator[Disruption]:
    """Lost nodes that no device that still runs could fence: Pacemaker would wait for that for ever."""
    if not fencing_is_on(cib):
        return
    devices = list(cib.iterfind("configuration/resources//primitive[@class='stonith']"))
    running = {state.id.split(":")[0] for state in _left(after, loss) if state.active}
    for node in loss.nodes:
        able = [device for device in devices if not hosts(device) or node in hosts(device)]
        if not any(device.get("id") in running for device in able):
            ids = [str(device.get("id")) for device in able]
            why = (
                f"{abbreviate(ids, _NAMED)} {'do' if len(ids) > 1 else 'does'} not run"
                if able
                else "no fencing device is for it"
            )
            yield Disruption(node, "cannot be fenced", why)


def _why(cib: etree._Element, service: str, down: Collection[str], loss: NodeFailure) -> str:
    """The nearest reason that a person can act upon."""
    names = _around(cib, service)
    if not loss.quorum and _heeds_quorum(cib):
        return f"no quorum: {loss.left} of {loss.total} votes are left"
    downs = {around for name in down if name != service for around in _around(cib, name)} - names
    for constraint in cib.iterfind("configuration/constraints/*"):
        for then, first in (("then", "first"), ("rsc", "with-rsc")):
            if constraint.get(then) in names and constraint.get(first) in downs:
                return f"needs {constraint.get(first)}, which does not run ({constraint.get('id')})"
    places = [
        str(constraint.get("id"))
        for constraint in cib.iterfind("configuration/constraints/rsc_location")
        if (
            constraint.get("rsc") in names
            or any(r.get("id") in names for r in constraint.iter("resource_ref"))
        )
        and _binds(constraint)
    ]
    if places:
        return f"has no other place ({', '.join(places[:_NAMED])})"
    return "the scheduler finds no place for it"


def _heeds_quorum(cib: etree._Element) -> bool:
    """Whether a partition without quorum does anything about it (Pacemaker Explained, no-quorum-policy)."""
    pairs = cib.iterfind("configuration/crm_config/cluster_property_set/nvpair[@name='no-quorum-policy']")
    return next((pair.get("value") for pair in pairs), "stop") != "ignore"


def _binds(constraint: etree._Element) -> bool:
    scores = [constraint.get("score"), *(rule.get("score") for rule in constraint.iter("rule"))]
    return constraint.get("resource-discovery") == "exclusive" or any(
        abs(score(each) or 0) >= INFINITY for each in scores if each
    )


def _around(cib: etree._Element, service: str) -> set[str]:
    """A resource's name and those of the clone, group or bundle around it."""
    found = {service}
    for resource in cib.iterfind("configuration/resources/*"):
        ids = {str(each.get("id")) for each in resource.iter(*RESOURCE_TAGS)}
        if service in ids:
            found |= {str(resource.get("id"))}
    return found
