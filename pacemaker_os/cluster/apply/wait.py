"""Wait until a cluster settles after a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator

from lxml import etree
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pacemaker_os.cib.tree.node_state import has_controller
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.prediction.simulation import NOTHING, Action, Simulation

#: Time between two polls, in seconds.
INTERVAL = 0.5

#: Time during which failed queries are retried, in seconds: a node that rejoins has no CIB at first.
RETRY_TIMEOUT = 30.0

#: Time without progress after which pending actions count as stalled, in seconds. It is longer than the
#: controller needs to notice a change.
STALLED_AFTER = 20.0


#: Time after which the wait ends if no view of the cluster is usable, in seconds. A node that was fenced
#: joins the cluster again within this time.
UNUSABLE_AFTER = 90.0

#: Returns why a view does not show the cluster, or an empty text.
CheckView = Callable[[Snapshot], str]


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a cluster, `seconds` after the wait began.

    `actions` are pending, and `running` are operations in progress, such as `start vip on n1`. `settled`
    means no pending actions and an idle designated controller. `stalled` means pending actions although the
    controller is idle. `problem` is why the snapshot does not show the cluster; then the rest is empty,
    and `stalled` means that this does not end.
    """

    seconds: float
    snapshot: Snapshot
    simulation: Simulation
    actions: tuple[Action, ...]
    running: tuple[str, ...]
    settled: bool
    stalled: bool
    problem: str = ""

    @property
    def remaining(self) -> tuple[str, ...]:
        """The operations in progress and the pending actions, as text."""
        if self.problem:
            return (self.problem,)
        return (*self.running, *(f"{each.verb} {each.resource}" for each in self.actions))


def settle(
    cluster: Cluster,
    *,
    pending_keys: Collection[tuple[str, ...]],
    timeout: float,
    on_event: Callable[[Progress], None],
    check_view: CheckView = lambda snapshot: "",
) -> Progress:
    """Poll until the cluster settles or stalls, or until the timeout in seconds; return the last progress."""
    polls = watch(cluster, pending_keys=pending_keys, check_view=check_view)
    while True:
        progress = next(polls)
        on_event(progress)
        if progress.settled or progress.stalled or progress.seconds > timeout:
            return progress


def watch(
    cluster: Cluster,
    *,
    pending_keys: Collection[tuple[str, ...]] = (),
    interval: float = INTERVAL,
    check_view: CheckView = lambda snapshot: "",
) -> Iterator[Progress]:
    """Poll until the cluster settles or stalls, and yield the progress each time.

    Actions with `pending_keys`, which were pending before the change, are not waited for. A view that does
    not pass `check_view` is skipped.

    A cluster has settled when three sources agree: the scheduler has no actions for the current CIB, the
    status has no operation in progress, and the controller is idle.
    """
    scheduler = cluster.require_scheduler("wait for the cluster to settle")
    begin = time.monotonic()
    idle_since: float | None = None
    idle_polls = 0
    unusable_since: float | None = None
    retrying = Retrying(
        retry=retry_if_exception_type((TransportError, ClusterError)),
        stop=stop_after_delay(RETRY_TIMEOUT),
        wait=wait_fixed(interval),
        reraise=True,
    )
    while True:
        snapshot = retrying(cluster.query)
        problem = check_view(snapshot)
        now = time.monotonic()
        unusable_since = (unusable_since or now) if problem else None
        if unusable_since is not None:
            idle_since, idle_polls = None, 0
            stalled = now - unusable_since > UNUSABLE_AFTER
            yield Progress(
                now - begin, snapshot, NOTHING, (), (), settled=False, stalled=stalled, problem=problem
            )
            if stalled:
                return
            time.sleep(interval)
            continue
        simulation = retrying(scheduler.run, snapshot.cib)
        actions = tuple(
            each for each in simulation.actions if not each.blocked and each.key not in pending_keys
        )
        running = tuple(_in_progress(snapshot.cib))
        idle = not running and _controller_is_idle(cluster, snapshot)
        now = time.monotonic()
        idle_since = (idle_since or now) if idle else None
        idle_polls = idle_polls + 1 if idle and not actions else 0
        progress = Progress(
            seconds=now - begin,
            snapshot=snapshot,
            simulation=simulation,
            actions=actions,
            running=running,
            # Two polls, because the controller is idle until it notices a change.
            settled=idle_polls >= 2,
            stalled=bool(actions) and idle_since is not None and now - idle_since > STALLED_AFTER,
        )
        yield progress
        if progress.settled or progress.stalled:
            return
        time.sleep(interval)


def _in_progress(cib: etree._Element) -> Iterator[str]:
    """Yield the operations that the status records as pending."""
    names = {node.get("id"): node.get("uname") for node in cib.iterfind("configuration/nodes/node")}
    for state in cib.iterfind("status/node_state"):
        if not has_controller(state) and state.get("remote_node") is None:
            continue
        node = state.get("uname") or names.get(state.get("id"))
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            for operation in resource.iterfind("lrm_rsc_op[@op-status='-1']"):
                yield f"{operation.get('operation')} {resource.get('id')} on {node}"


def _controller_is_idle(cluster: Cluster, snapshot: Snapshot) -> bool:
    """Return whether the designated controller is idle (its state machine is in S_IDLE)."""
    dc = snapshot.cib.get("dc-uuid")
    node = next((n for n in snapshot.cib.iterfind("configuration/nodes/node") if n.get("id") == dc), None)
    if node is None:
        return False
    argv = ["crmadmin", "--output-as=xml", f"--status={node.get('uname')}"]
    done = cluster.transport.run(argv, ok=())
    return done.status == 0 and b"S_IDLE" in done.stdout
