"""Prediction of a change: simulations of the live CIB, and of the CIB with the change."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.fencing import configures_fencing
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.aborts import explained
from pacemaker_os.cluster.scheduler import NO_SCHEDULER, NotSimulated, Scheduler
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.messages import Message, unique
from pacemaker_os.plan.prediction.simulation import NOTHING, TRANSITIONS, Simulation
from pacemaker_os.plan.warnings import warnings


class PredictionUnavailable(Exception):
    """Effects cannot be predicted; the message is the reason.

    `messages` are errors of the scheduler that only the planned configuration causes.
    """

    def __init__(self, reason: str, messages: tuple[Message, ...] = ()) -> None:
        super().__init__(reason)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Prediction:
    """The simulations without and with a change.

    `cib` is the simulated CIB with the change, `notes` are the assumptions. `again` simulates another change
    of the same cluster with the same assumptions, and raises ClusterError or PredictionUnavailable.
    """

    before: Simulation
    after: Simulation
    notes: tuple[str, ...] = ()
    cib: etree._Element | None = None
    again: Callable[[etree._Element], Simulation] | None = None


def predict(cluster: Cluster, live: etree._Element, target: etree._Element) -> Prediction:
    """Simulate two `<cib>`, both with the live status.

    Raises PredictionUnavailable, ClusterError.
    """
    scheduler = cluster.scheduler
    if scheduler is None:
        raise PredictionUnavailable(f"cannot predict effects: {NO_SCHEDULER}")
    same = content.same(content.configuration(live), content.configuration(target))
    notes: list[str] = []
    fenced, observed = True, simulated_status.has_status(live)
    if not observed:
        if same:
            # A file without a status has no pending actions. Pacemaker only verifies its configuration.
            verified = replace(NOTHING, messages=_messages(scheduler, live))
            return Prediction(verified, verified)
        if target.find("configuration/nodes/node") is None:
            raise PredictionUnavailable("cannot predict effects: the CIB contains no nodes")
        # The baseline of a file is its settled state with all nodes online.
        fenced = configures_fencing(target)
        assumption = "were online" if fenced else "were online and could be fenced"
        notes.append(f"effects are predicted as if all nodes in the file {assumption}")
        if not fenced:
            live = simulated_status.without_fencing(live)
        live = simulated_status.all_online(_with_nodes(live, target))
        if dc := simulated_status.dc_of_rules(simulated_status.with_status_of(target, live)):
            notes.append(f"rules read #is_dc: effects are predicted as if {dc} were the DC")
        live = _settled(scheduler, live)
    notes.extend(warnings(target))
    if same:
        before = _simulate(scheduler, live)
        return Prediction(before, before, tuple(notes), live)
    found = _compared(scheduler, live, target, fenced=fenced)
    for _ in range(TRANSITIONS - 1):
        if observed or not found.before.acts:
            break
        live = _settled(scheduler, live)
        found = _compared(scheduler, live, target, fenced=fenced)
    return replace(found, notes=(*notes, *found.notes))


def _compared(
    scheduler: Scheduler, live: etree._Element, target: etree._Element, *, fenced: bool
) -> Prediction:
    """Simulate both with the same status: only the change distinguishes them."""
    notes: tuple[str, ...] = ()
    staged, waiting = _staged(target, live, fenced=fenced)
    if waiting:
        names = ", ".join(waiting)
        notes = (f"effects are predicted as if the agents allowed the promotion of {names} on every node",)
        live = simulated_status.with_promotion_scores(live, waiting)
    before, after = run_parallel(lambda cib: _simulate(scheduler, cib, planned=cib is staged), (live, staged))
    before = _with_hidden_messages(scheduler, before, live)
    after = _with_hidden_messages(scheduler, after, staged)
    return Prediction(
        before,
        after,
        notes,
        staged,
        again=lambda cib: _simulate(scheduler, _staged(cib, live, fenced=fenced)[0]),
    )


def _staged(
    target: etree._Element, live: etree._Element, *, fenced: bool
) -> tuple[etree._Element, list[str]]:
    """Return the target with the status of the live CIB, and the primitives that got promotion scores."""
    if not fenced:
        target = simulated_status.without_fencing(target)
    target = simulated_status.with_status_of(target, live)
    waiting = simulated_status.starting_unpromoted(target, live)
    return simulated_status.with_promotion_scores(target, waiting), waiting


def _messages(scheduler: Scheduler, cib: etree._Element) -> tuple[Message, ...]:
    """Return what Pacemaker finds in a CIB without a status, as if all nodes were online."""
    if cib.find("configuration/resources/*") is None and cib.find("configuration/constraints/*") is None:
        return ()
    return _simulate(scheduler, simulated_status.all_online(cib)).messages


def _with_hidden_messages(scheduler: Scheduler, simulation: Simulation, cib: etree._Element) -> Simulation:
    """Return the simulation of a CIB with the messages about its configuration alone.

    Pacemaker takes a removed resource that still has a history for the one that a constraint names.
    """
    if not simulated_status.has_removed_namesakes(cib):
        return simulation
    alone = simulated_status.all_online(simulated_status.without_status(cib))
    try:
        hidden = scheduler.run(alone).messages
    except ClusterError:
        return simulation
    return replace(simulation, messages=unique((*simulation.messages, *hidden)))


def _simulate(scheduler: Scheduler, cib: etree._Element, *, planned: bool = False) -> Simulation:
    """Run the scheduler. A CIB on which it crashes may still be valid, so only the prediction is missing.

    If it crashes only on a planned configuration, the scheduler of the cluster would crash as well.
    """
    try:
        return scheduler.run_transition(cib)
    except NotSimulated as error:
        if not planned:
            raise PredictionUnavailable(str(error)) from None
        reason = str(explained(scheduler, cib, error))
        messages = unique((Message("error", reason), *error.messages))
        raise PredictionUnavailable(reason, messages) from None
    except ClusterError as error:
        if error.code == "newer-pacemaker":
            raise
        message = f"Pacemaker would reject the planned configuration: {error}"
        raise ClusterError(message, code=error.code) from None


def _settled(scheduler: Scheduler, cib: etree._Element) -> etree._Element:
    """Return the CIB after all resources started; a CIB without resources is returned unchanged."""
    if cib.find("configuration/resources/*") is None:
        return cib
    try:
        return scheduler.settle(cib)
    except NotSimulated as error:
        raise PredictionUnavailable(str(error)) from None


def _with_nodes(live: etree._Element, target: etree._Element) -> etree._Element:
    """Return the live CIB with the nodes that the target adds; existing nodes stay unchanged."""
    copy = deepcopy(live)
    nodes, known = content.configuration(target).find("nodes"), content.configuration(copy).find("nodes")
    if nodes is not None and known is not None:
        names = {node.get("uname") for node in known}
        known.extend(deepcopy(node) for node in nodes if node.get("uname") not in names)
    return copy
