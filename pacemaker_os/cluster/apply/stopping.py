"""Stopping what is to be removed, in its order, before it is removed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.cluster.apply.wait import Progress, settle
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.cluster.store.push import both_sides
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.ordered_removal import with_removals_stopped
from pacemaker_os.plan.prediction.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was written for it, the last look at it, and those that still run."""

    written: Snapshot
    look: Progress
    running: tuple[str, ...]


def stop_and_wait(
    cluster: Cluster,
    prepared: Prepared,
    pending_keys: Collection[tuple[str, ...]],
    timeout: float,
    on_event: Callable[[Version | Progress], None],
) -> Stopped:
    """Write everything of a plan but the removals that wait, and wait until what leaves has stopped.

    What was left to do `pending_keys` is not waited for. Raises Conflict, ClusterError.
    """
    plan = prepared.plan
    target = with_removals_stopped(prepared.start, plan.changes, plan.stop_before_removal)
    written = cluster.push(prepared.base, target)
    on_event(written.version)
    if not content.same_content(written.cib, target):
        # What was read back has somebody else's change already, which the removal must not take for ours.
        sides = both_sides(Snapshot(target), written, prepared.target)
        raise _conflict(prepared, f"the configuration was changed at the same time\n{sides}")
    last = settle(cluster, pending_keys=pending_keys, timeout=timeout, on_event=on_event)
    return Stopped(written, last, _running(last.simulation, plan.stop_before_removal))


def remove_stopped(cluster: Cluster, prepared: Prepared, stopped: Stopped) -> Snapshot:
    """Write the removals, on top of what was written first. Raises Conflict, ClusterError."""
    try:
        return cluster.push(stopped.written, prepared.target)
    except Conflict as error:
        raise _conflict(prepared, str(error)) from None


def _conflict(prepared: Prepared, why: str) -> Conflict:
    names = ", ".join(prepared.plan.stop_before_removal)
    return Conflict(f"{why}\nAll but the removal of {names} was written: they are Stopped. Plan again")


def _running(now: Simulation, names: Collection[str]) -> tuple[str, ...]:
    """Those of these resources of which anything runs."""
    active = {name for state in now.resources if state.active for name in (*state.parents, state.id)}
    return tuple(name for name in names if name in active)
