"""The impact of node failures on services, derived from two scheduler simulations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from lxml import etree

from pacemaker_os.cib.values import role
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.survival.disruptions import disruptions
from pacemaker_os.plan.survival.node_failures import NodeFailure

#: The outcomes, the worst first.
OUTCOMES = ("stops", "moves", "reduced")


@dataclass(frozen=True, slots=True)
class Impact:
    """The impact of a node failure on a service that ran on a failed node.

    stops: no instance runs (or none is promoted), for the reason in `why`; moves: it is started (or
    promoted) on the nodes `to`; reduced: it keeps running with fewer instances, on the nodes `to`.
    """

    service: str
    impact: Literal["stops", "moves", "reduced"]
    to: tuple[str, ...] = ()
    why: str = ""

    @property
    def rank(self) -> int:
        """The position of the outcome in OUTCOMES; 0 is the worst."""
        return OUTCOMES.index(self.impact)


def impacts(cib: etree._Element, before: Simulation, after: Simulation, failure: NodeFailure) -> list[Impact]:
    """Return the impact on every affected service of a `<cib>`, the worst first."""
    failed = set(failure.nodes)
    why = {each.service: each for each in disruptions(cib, before, after, failure)}
    now, then = _nodes(before.resources), _nodes(after.resources)
    ahead, later = _nodes(_promoted(before.resources)), _nodes(_promoted(after.resources))
    found = []
    for service, nodes in now.items():
        left_on = then[service] - failed
        fresh = (left_on - nodes) | (later[service] - ahead[service] - failed)
        if service in why:
            reason = f"{why[service].what}: {why[service].why}"
            found.append(Impact(service, "stops", _sorted(left_on), reason))
        elif nodes and not (left_on or fresh):
            # A fencing device, which is not a service of its own.
            found.append(Impact(service, "stops", why="does not run: no node is left to start it"))
        elif nodes & failed:
            found.append(Impact(service, "moves" if fresh else "reduced", _sorted(fresh or left_on)))
    return sorted(found, key=lambda impact: (impact.rank, impact.service))


def _sorted(nodes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(nodes))


def _promoted(states: Iterable[ResourceState]) -> Iterator[ResourceState]:
    return (state for state in states if role(state.role) == "Promoted")


def _nodes(states: Iterable[ResourceState]) -> Mapping[str, set[str]]:
    """The nodes of each resource, all its instances together."""
    found: dict[str, set[str]] = defaultdict(set)
    for state in states:
        found[state.id.split(":")[0]].update(state.nodes)
    return found
