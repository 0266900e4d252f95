"""Pacemaker's own opinion of the current configuration of a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.prediction import simulated_status
from pacemaker_os.plan.prediction.messages import Message
from pacemaker_os.plan.prediction.obstacles.constraints import has_order_loop
from pacemaker_os.plan.prediction.obstacles.subject import Surroundings
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.plan.verification import Verification, verification


def simulate_current(scheduler: Scheduler | None, cib: etree._Element) -> Simulation | None:
    """Simulate a `<cib>` with its status; None for a CIB that cannot be simulated.

    A CIB file without a status is read as if all nodes were online.
    """
    if scheduler is None:
        return None
    if not simulated_status.has_status(cib):
        cib = simulated_status.all_online(cib)
    try:
        # Only the transition tells which starts never run.
        return scheduler.run_transition(cib) if has_order_loop(Surroundings(cib)) else scheduler.run(cib)
    except (ClusterError, TransportError):
        return None


def verify_current(
    messages: Iterable[Message], cib: etree._Element, origins: Mapping[str, str]
) -> tuple[Verification, ...]:
    """Return the messages with their objects and positions; none is new."""
    known = tuple(messages)
    return verification(known, known, content.configuration(cib), origins)
