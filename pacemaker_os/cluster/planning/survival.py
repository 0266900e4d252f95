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
class SurvivalReport:
    """What every loss does. `not_running` are services that do not run even with all nodes there.

    `alike` are remote nodes of which a few were looked at for all.
    """

    failed_nodes: int
    outcomes: tuple[tuple[NodeFailure, tuple[Disruption, ...]], ...]
    not_running: tuple[str, ...]
    equivalent_nodes: tuple[EquivalentNodes, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every service survives every loss."""
        return not self.not_running and not any(found for _, found in self.outcomes)


def check_survival(
    cluster: Cluster,
    desired: Cib,
    *,
    name: str,
    options: PlanOptions,
    failed_nodes: int,
    quorum: str | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> SurvivalReport:
    """Prove that what a document says survives the loss of any `lost` nodes, or find what does not.

    The simulation starts with all nodes online and the document applied. `quorum` selects a method of
    counting votes from plan.survival.quorum, by default that of the cluster's corosync. Remote nodes fail as
    well; of equivalent ones, only representatives are simulated. `on_progress` receives the number of
    finished cases and their total. Raises ClusterError, InputError.
    """
    scheduler = cluster.require_scheduler("simulate node failures")
    target = planned_cib(cluster, desired, name=name, options=options)
    # One more than are lost: some are left of each kind, as there would be of all.
    target, alike = collapse_equivalent(target, failed_nodes + 1)
    with scratch(cluster.transport) as folder:
        # The proof begins where all is well: what is failed or down at this moment is another matter.
        staged = simulated_status.all_online(simulated_status.without_status(target))
        healthy = scheduler.settle(staged, folder).cib
        before = scheduler.run(healthy)
        members = [node.name for node in before.nodes if node.kind == "member"]
        if failed_nodes >= len(members):
            message = f"there are {len(members)} nodes; {failed_nodes} of them cannot be lost and leave any"
            raise ClusterError(message, code="too-many-lost")
        cases = node_failures(healthy, before, failed_nodes, _votes(cluster, members, quorum), alike)
        outcomes = _looked_at(cases, scheduler, healthy, before, folder, on_progress)
    return SurvivalReport(
        failed_nodes, tuple((loss, outcomes[loss]) for loss in cases), tuple(_idle(before)), alike
    )


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
    on_progress: Callable[[int, int], None],
) -> dict[NodeFailure, tuple[Disruption, ...]]:
    """What each loss takes away, asked on all processors."""
    outcomes: dict[NodeFailure, tuple[Disruption, ...]] = {}

    def look(loss: NodeFailure) -> tuple[Disruption, ...]:
        after = scheduler.simulate_failure(healthy, loss.nodes, folder, quorum=loss.quorum)
        return tuple(disruptions(healthy, before, after, loss))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = {pool.submit(look, loss): loss for loss in cases}
        for done, future in enumerate(as_completed(futures), 1):
            outcomes[futures[future]] = future.result()
            on_progress(done, len(cases))
    return outcomes


def _idle(before: Simulation) -> list[str]:
    """What should run with all nodes there, and does not: no loss could take it away."""
    found = predict_effects(NOTHING, before).caused
    return [effect.service for effect in found if effect.verb == "cannot-run"]
