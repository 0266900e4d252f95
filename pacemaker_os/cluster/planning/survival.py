"""Simulation of every failure of a number of nodes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.reasons import PLAN_TIME_LIMIT, Trials
from pacemaker_os.cluster.planning.aborts import explained
from pacemaker_os.cluster.planning.planner import planned_cib
from pacemaker_os.cluster.scheduler import NotSimulated, Scheduler
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.diff.compare import PlanOptions
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.effects import predict_effects
from pacemaker_os.plan.prediction.messages import Message, unique
from pacemaker_os.plan.prediction.obstacles.explain import Obstacles
from pacemaker_os.plan.prediction.simulation import NOTHING, TRANSITIONS, Simulation
from pacemaker_os.plan.survival.disruptions import Disruption, disruptions
from pacemaker_os.plan.survival.equivalent_nodes import EquivalentNodes, collapse_equivalent
from pacemaker_os.plan.survival.node_failures import NodeFailure, node_failures
from pacemaker_os.plan.survival.quorum import ALGORITHMS, Votes, read_votes
from pacemaker_os.plan.verification import Verification, element_origins, verification
from pacemaker_os.text import quantity


@dataclass(frozen=True, slots=True)
class SurvivalReport:
    """The disruptions of every failure of `failed_nodes` nodes.

    `not_running` are services that do not run, or have no promoted instance, even with all nodes online.
    `equivalent_nodes` are remote nodes of which only representatives were simulated. `verification` is
    Pacemaker's own opinion of the configuration.
    """

    failed_nodes: int
    outcomes: tuple[tuple[NodeFailure, tuple[Disruption, ...]], ...]
    not_running: tuple[Disruption, ...]
    equivalent_nodes: tuple[EquivalentNodes, ...] = ()
    verification: tuple[Verification, ...] = ()

    @property
    def errors(self) -> tuple[Verification, ...]:
        """The errors of Pacemaker: it ignores parts of the configuration, which survive nothing."""
        return tuple(each for each in self.verification if each.level == "error")

    @property
    def passed(self) -> bool:
        """Whether every service survives every failure, and Pacemaker finds no error."""
        return not (self.errors or self.not_running or any(found for _, found in self.outcomes))


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
    """Simulate every failure of `failed_nodes` nodes, and report services that would stop.

    The simulation starts with all nodes online and the document applied. `quorum` selects a method of
    counting votes from plan.survival.quorum, by default that of the cluster's corosync. Remote nodes fail as
    well; of equivalent ones, only representatives are simulated. `on_progress` receives the number of
    finished cases and their total. Raises ClusterError, InputError.
    """
    from pacemaker_os.cluster.planning.grammar import rejections_at_lines

    scheduler = cluster.require_scheduler("simulate node failures")
    start, target = planned_cib(cluster, desired, name=name, options=options)
    complete = target
    # One representative more than nodes fail, so that one is left as among all equivalent nodes.
    target, equivalent = collapse_equivalent(target, failed_nodes + 1)
    # The simulation starts with a healthy cluster; current failures are reported by `pcs-os status`.
    verify = partial(
        verification,
        before=_errors(scheduler, _healthy(start)),
        configuration=content.configuration(complete),
        origins=element_origins(desired),
    )
    try:
        with rejections_at_lines(cluster, desired):
            healthy, before = _settled(scheduler, _healthy(target))
    except NotSimulated as error:
        errors = (Message("error", str(error)), *_errors(scheduler, _healthy(target)), *error.messages)
        return SurvivalReport(failed_nodes, (), (), equivalent, verify(unique(errors)))
    members = [node.name for node in before.nodes if node.kind == "member"]
    if failed_nodes >= len(members):
        nodes = quantity(failed_nodes, "node")
        message = f"cannot simulate the failure of {nodes}: the cluster has only {len(members)}"
        raise ClusterError(message, code="too-many-failures")
    cases = node_failures(healthy, before, failed_nodes, _votes(cluster, members, quorum), equivalent)
    outcomes = _simulate_all(cases, scheduler, healthy, before, on_progress)
    return SurvivalReport(
        failed_nodes,
        tuple((case, outcomes[case]) for case in cases),
        tuple(_not_running(scheduler, healthy, before)),
        equivalent,
        verify(before.messages),
    )


def _settled(scheduler: Scheduler, cib: etree._Element) -> tuple[etree._Element, Simulation]:
    """Return the CIB after all transitions, with the state of the cluster."""
    try:
        for _ in range(TRANSITIONS):
            cib = scheduler.settle(cib)
            state = scheduler.run_transition(cib)
            if not state.acts:
                break
    except NotSimulated as error:
        raise explained(scheduler, cib, error) from None
    return cib, state


def _errors(scheduler: Scheduler, cib: etree._Element) -> tuple[Message, ...]:
    """Return the messages about a configuration; none if the scheduler aborts."""
    try:
        return scheduler.run(cib).messages
    except ClusterError:
        return ()


def _healthy(cib: etree._Element) -> etree._Element:
    """Return a copy with all nodes online and nothing started."""
    return simulated_status.all_online(simulated_status.without_status(cib))


def _votes(cluster: Cluster, members: list[str], quorum: str | None) -> Votes:
    if quorum is not None:
        return ALGORITHMS[quorum](members)
    if not cluster.live:
        # A CIB file does not include corosync's vote settings: every node counts as one vote.
        return ALGORITHMS["majority"](members)
    done = cluster.transport.run(["corosync-cmapctl"], ok=())
    if done.status:
        message = f"cannot read the vote settings of corosync: {done.error_text.strip()}; specify --quorum"
        raise ClusterError(message, code="no-votes")
    return read_votes(done.text, members)


def _simulate_all(
    cases: list[NodeFailure],
    scheduler: Scheduler,
    healthy: etree._Element,
    before: Simulation,
    on_progress: Callable[[int, int], None],
) -> dict[NodeFailure, tuple[Disruption, ...]]:
    """Return the disruptions of each case; the simulations run on all CPUs."""
    outcomes: dict[NodeFailure, tuple[Disruption, ...]] = {}

    def simulate(failure: NodeFailure) -> tuple[Disruption, ...]:
        after = scheduler.simulate_failure(healthy, failure.nodes, quorum=failure.quorum)
        return tuple(disruptions(healthy, before, after, failure))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = {pool.submit(simulate, case): case for case in cases}
        for done, future in enumerate(as_completed(futures), 1):
            outcomes[futures[future]] = future.result()
            on_progress(done, len(cases))
    return outcomes


def _not_running(scheduler: Scheduler, cib: etree._Element, before: Simulation) -> Iterator[Disruption]:
    """Yield the services that do not run, or have no promoted instance, even with all nodes online."""
    obstacles = Obstacles(cib, Trials(scheduler, cib, PLAN_TIME_LIMIT).of)
    for effect in predict_effects(NOTHING, before, obstacles=obstacles).caused:
        if effect.verb == "cannot-run":
            what = "has no promoted instance" if effect.role else "does not run"
            yield Disruption(effect.resource, what, effect.reason)
