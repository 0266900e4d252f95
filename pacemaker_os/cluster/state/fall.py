"""What becomes of services when nodes are lost, by the word of Pacemaker's scheduler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from pacemaker_os.cib.values import role
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.survival.disruptions import casualties
from pacemaker_os.plan.survival.node_failures import Loss
from pacemaker_os.plan.survival.quorum import read_votes

#: The worst first.
RANKS = ("falls", "moves", "fewer")


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a service that ran on a lost node.

    falls: it runs nowhere any more (or is promoted nowhere), `why` says the reason; moves: it is started
    (or promoted) on the nodes `to`; fewer: it runs on, on the nodes `to`.
    """

    service: str
    fate: Literal["falls", "moves", "fewer"]
    to: tuple[str, ...] = ()
    why: str = ""

    @property
    def rank(self) -> int:
        """How bad it is, the worst first."""
        return RANKS.index(self.fate)


def fates(cluster: Cluster, cib: etree._Element, lost: Sequence[str]) -> list[Fate]:
    """What becomes of every service of a `<cib>` that is touched when `lost` fail all at once.

    Raises ClusterError when there is no scheduler, or no such node.
    """
    if cluster.scheduler is None:
        raise ClusterError(
            "Pacemaker's scheduler is needed to say what falls (Debian: apt install pacemaker-cli-utils)",
            code="no-scheduler",
        )
    before = cluster.scheduler.run(cib)
    known = [node.name for node in before.nodes]
    for name in lost:
        if name not in known:
            message = f"the cluster has no node '{name}'; it has {', '.join(known) or 'none'}"
            raise ClusterError(message, code="unknown-node")
    members = [node for node in before.nodes if node.kind == "member"]
    left = [node.name for node in members if node.online and node.name not in lost]
    # Of a file nobody knows more than that each node has a vote.
    said = cluster.transport.run(["corosync-cmapctl"]).text if cluster.live else ""
    votes = read_votes(said, [node.name for node in members])
    loss = Loss(tuple(lost), votes.of(left), votes.total, votes.quorate(left))
    with scratch(cluster.transport) as folder:
        after = cluster.scheduler.lose(cib, lost, folder, quorum=loss.quorum)
    why = {each.service: each for each in casualties(cib, before, after, loss)}
    now, then = _places(before.resources), _places(after.resources)
    ahead, later = _places(_promoted(before.resources)), _places(_promoted(after.resources))
    found = []
    for service, nodes in now.items():
        left_on = then[service] - set(lost)
        fresh = (left_on - nodes) | (later[service] - ahead[service] - set(lost))
        if service in why:
            found.append(Fate(service, "falls", _sorted(left_on), f"{why[service].what}: {why[service].why}"))
        elif nodes and not (left_on or fresh):
            # A fencing device, which is no service of its own.
            found.append(Fate(service, "falls", why="does not run: nobody is left to start it"))
        elif nodes & set(lost):
            found.append(Fate(service, "moves" if fresh else "fewer", _sorted(fresh or left_on)))
    return sorted(found, key=lambda fate: (fate.rank, fate.service))


def _sorted(nodes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(nodes))


def _promoted(states: Iterable[ResourceState]) -> Iterator[ResourceState]:
    return (state for state in states if role(state.role) == "Promoted")


def _places(states: Iterable[ResourceState]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for state in states:
        found[state.id.split(":")[0]].update(state.nodes)
    return found
