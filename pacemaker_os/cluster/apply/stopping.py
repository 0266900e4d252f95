"""Stop resources in order before they are removed."""

from __future__ import annotations

from collections.abc import Collection

from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.apply.observer import Observer
from pacemaker_os.cluster.apply.outcome import EventHandler
from pacemaker_os.cluster.apply.recording import Recording
from pacemaker_os.cluster.apply.wait import Progress, settle
from pacemaker_os.cluster.planning.planner import Prepared
from pacemaker_os.cluster.store.push import both_sides
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.prediction.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Stopped:
    """The CIB that stops the resources, the last progress, and the resources that are still running."""

    written: Snapshot
    progress: Progress
    running: tuple[str, ...]


def stop_and_wait(
    prepared: Prepared,
    recording: Recording,
    pending_keys: Collection[tuple[str, ...]],
    timeout: float,
    observer: Observer,
) -> Stopped:
    """Wait for the resources to stop whose target-role was written.

    Actions with `pending_keys` are not waited for. Raises Conflict, ClusterError.
    """
    written, target = recording.written, recording.cibs["stopped"]
    if written is None:
        raise ValueError("nothing was written")
    if not content.same_content(written.cib, target):
        # The CIB that was read back contains another change, which the second push would overwrite.
        sides = both_sides(Snapshot(target), written, prepared.target)
        raise _conflict(prepared, f"conflict: the configuration was changed at the same time\n{sides}")
    last = settle(
        recording.cluster,
        pending_keys=pending_keys,
        timeout=timeout,
        on_event=observer,
        check_view=observer.check_view,
    )
    names = prepared.plan.stop_before_removal
    # In the view of a node that has just booted, nothing runs.
    running = names if last.problem else _running(last.simulation, names)
    return Stopped(written, last, running)


def remove_stopped(
    prepared: Prepared, recording: Recording, stopped: Stopped, on_event: EventHandler
) -> Snapshot:
    """Write the removals on top of the CIB that stopped the resources. Raises Conflict, ClusterError."""
    try:
        return recording.write_removal(stopped.written, on_event)
    except Conflict as error:
        raise _conflict(prepared, str(error)) from None


def _conflict(prepared: Prepared, reason: str) -> Conflict:
    names = ", ".join(prepared.plan.stop_before_removal)
    return Conflict(
        f"{reason}\nAll changes except the removal of {names} were written; target-role is Stopped there. "
        "Run the command again"
    )


def _running(simulation: Simulation, names: Collection[str]) -> tuple[str, ...]:
    """Return the resources that have a running instance."""
    active = {name for state in simulation.resources if state.active for name in (*state.parents, state.id)}
    return tuple(name for name in names if name in active)
