"""Asking the scheduler what is left after every loss of nodes."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import planned_cib
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.effects import predict_effects
from pacemaker_os.plan.prediction.simulation import NOTHING, Simulation
from pacemaker_os.plan.survival.disruptions import Disruption, disruptions
from pacemaker_os.plan.survival.equivalent_nodes import EquivalentNodes, collapse_equivalent
from pacemaker_os.plan.survival.node_failures import NodeFailure, node_failures
from pacemaker_os.plan.survival.quorum import WAYS, Votes, read_votes


@dataclass(frozen=True, slots=True)
class Proof:
    """What every loss does. `idle` are services that do not run even with all nodes there.

    `alike` are remote nodes of which a few were looked at for all.
    """

    lost: int
    outcomes: tuple[tuple[NodeFailure, tuple[Disruption, ...]], ...]
    idle: tuple[str, ...]
    alike: tuple[EquivalentNodes, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every service survives every loss."""
        return not self.idle and not any(found for _, found in self.outcomes)


def check_survival(
    cluster: Cluster,
    desired: Cib,
    *,
    name: str,
    options: PlanOptions,
    lost: int,
    quorum: str | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Proof:
    """Prove that what a document says survives the loss of any `lost` nodes, or find what does not.

    The cluster begins with all its nodes there and everything done that the document asks for. Votes are
    counted in one of the ways of plan.quorum, by default as corosync does it there. Remote nodes are lost as
    well; of those that are alike, a few stand for all. `tell` hears how many losses of how many have been
    looked at. Raises ClusterError, InputError.
    """
    scheduler = cluster.require_scheduler("simulate node failures")
    target = planned_cib(cluster, desired, name=name, options=options)
    # One more than are lost: some are left of each kind, as there would be of all.
    target, alike = collapse_equivalent(target, lost + 1)
    with scratch(cluster.transport) as folder:
        # The proof begins where all is well: what is failed or down at this moment is another matter.
        staged = simulated_status.all_online(simulated_status.without_status(target))
        healthy = scheduler.settle(staged, folder).cib
        before = scheduler.run(healthy)
        members = [node.name for node in before.nodes if node.kind == "member"]
        if lost >= len(members):
            message = f"there are {len(members)} nodes; {lost} of them cannot be lost and leave any"
            raise ClusterError(message, code="too-many-lost")
        cases = node_failures(healthy, before, lost, _votes(cluster, members, quorum), alike)
        outcomes = _looked_at(cases, scheduler, healthy, before, folder, tell)
    return Proof(lost, tuple((loss, outcomes[loss]) for loss in cases), tuple(_idle(before)), alike)


def _votes(cluster: Cluster, members: list[str], quorum: str | None) -> Votes:
    if quorum is not None:
        return WAYS[quorum](members)
    if not cluster.live:
        # Of a file nobody knows more than that each node has a vote.
        return WAYS["majority"](members)
    done = cluster.transport.run(["corosync-cmapctl"], ok=())
    if done.status:
        message = (
            f"corosync does not say how votes are counted ({done.error_text.strip()}); say it with --quorum"
        )
        raise ClusterError(message, code="no-votes")
    return read_votes(done.text, members)


def _looked_at(
    cases: list[NodeFailure],
    scheduler: Scheduler,
    healthy: etree._Element,
    before: Simulation,
    folder: str,
    tell: Callable[[int, int], None],
) -> dict[NodeFailure, tuple[Disruption, ...]]:
    """What each loss takes away, asked on all processors."""
    outcomes: dict[NodeFailure, tuple[Disruption, ...]] = {}

    def look(loss: NodeFailure) -> tuple[Disruption, ...]:
        after = scheduler.lose(healthy, loss.nodes, folder, quorum=loss.quorum)
        return tuple(disruptions(healthy, before, after, loss))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = {pool.submit(look, loss): loss for loss in cases}
        for done, future in enumerate(as_completed(futures), 1):
            outcomes[futures[future]] = future.result()
            tell(done, len(cases))
    return outcomes


def _idle(before: Simulation) -> list[str]:
    """What should run with all nodes there, and does not: no loss could take it away."""
    found = predict_effects(NOTHING, before).caused
    return [effect.service for effect in found if effect.verb == "cannot-run"]
