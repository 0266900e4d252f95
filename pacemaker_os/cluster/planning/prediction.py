"""What a change would do: the scheduler's word on the CIB as it is, and on the CIB with the change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.fencing import fencing_is_said
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.scheduler import NO_SCHEDULER, Scheduler
from pacemaker_os.cluster.scratch import scratch
from pacemaker_os.errors import ClusterError
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.simulation import NOTHING, Simulation
from pacemaker_os.plan.warnings import warnings


class PredictionUnavailable(Exception):
    """Nobody can say what will happen, and why."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the scheduler would do without a change and with it; `notes` say what that was asked of."""

    before: Simulation
    after: Simulation
    notes: tuple[str, ...] = ()


def predict(cluster: Cluster, live: etree._Element, target: etree._Element) -> Prediction:
    """Simulate two `<cib>`, both with the live status.

    Raises PredictionUnavailable, ClusterError.
    """
    scheduler = cluster.scheduler
    if scheduler is None:
        raise PredictionUnavailable(f"cannot predict effects: {NO_SCHEDULER}")
    same = content.same(content.configuration(live), content.configuration(target))
    notes: list[str] = []
    if not simulated_status.has_status(live):
        if same:
            # Nothing changes, and of a file nothing can be pending: there is nothing to ask.
            return Prediction(NOTHING, NOTHING)
        if target.find("configuration/nodes/node") is None:
            raise PredictionUnavailable("the CIB names no nodes, so there is nowhere for anything to run")
        # What a file would settle at, with its nodes all online, is what the change is measured by.
        fenced = fencing_is_said(target)
        notes.append(
            f"foretold as if all nodes of the file were online{'' if fenced else ', and could be fenced'}"
        )
        if not fenced:
            live, target = simulated_status.without_fencing(live), simulated_status.without_fencing(target)
        live = _settled(cluster, scheduler, simulated_status.all_online(_with_nodes(live, target)))
        target = simulated_status.with_status_of(target, live)
    notes.extend(warnings(target))
    if same:
        before = _ask(scheduler, live)
        return Prediction(before, before, tuple(notes))
    if waiting := simulated_status.unpromoted(target):
        notes.append(f"foretold as if the agents let {', '.join(waiting)} be promoted on every node")
        target = simulated_status.with_promotion_scores(target)
    with ThreadPoolExecutor(max_workers=2) as pool:
        before, after = pool.map(lambda cib: _ask(scheduler, cib), (live, target))
    return Prediction(before, after, tuple(notes))


def _ask(scheduler: Scheduler, cib: etree._Element) -> Simulation:
    """The scheduler's word; what it breaks down on cannot be foretold, but may be right all the same."""
    try:
        return scheduler.run(cib)
    except ClusterError as error:
        if error.code == "newer-pacemaker":
            raise
        if error.code != "not-simulated":
            message = f"Pacemaker would refuse the planned configuration: {error}"
            raise ClusterError(message, code=error.code) from None
        raise PredictionUnavailable(str(error)) from None


def _settled(cluster: Cluster, scheduler: Scheduler, cib: etree._Element) -> etree._Element:
    """The CIB once everything in it runs; where there is nothing that could run, as it is."""
    if cib.find("configuration/resources/*") is None:
        return cib
    with scratch(cluster.transport) as folder:
        return scheduler.settle(cib, folder).cib


def _with_nodes(live: etree._Element, target: etree._Element) -> etree._Element:
    """The live CIB with the nodes that the target adds; those that it has are as they were."""
    copy = deepcopy(live)
    nodes, known = content.configuration(target).find("nodes"), content.configuration(copy).find("nodes")
    if nodes is not None and known is not None:
        names = {node.get("uname") for node in known}
        known.extend(deepcopy(node) for node in nodes if node.get("uname") not in names)
    return copy
