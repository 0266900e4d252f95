"""Waiting until a cluster has done what a change made it do."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from lxml import etree
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.plan.prediction.simulation import Action, Simulation

#: Time between two looks, in seconds.
PACE = 0.5

#: How long it may be that nothing can be seen, in seconds: a node that joins again has no CIB for a while.
BLIND = 30.0

#: How long the controller may rest with work left before that work counts as stuck, in seconds: longer
#: than it takes to notice a change, shorter than a person's patience.
STALLED_AFTER = 20.0


@dataclass(frozen=True, slots=True)
class Progress:
    """One look on the way. `seconds` since the wait began; `actions` are still to be done.

    `running` are operations under way, as `start vip on n1`. `settled`: nothing is left to do, and the
    designated controller rests; `stalled`: something is left, and it rests all the same.
    """

    seconds: float
    snapshot: Snapshot
    simulation: Simulation
    actions: tuple[Action, ...]
    running: tuple[str, ...]
    settled: bool
    stalled: bool

    @property
    def remaining(self) -> tuple[str, ...]:
        """What runs and what is to be done, in a few words each."""
        return (*self.running, *(f"{each.verb} {each.resource}" for each in self.actions))


def settle(
    cluster: Cluster,
    *,
    pending_keys: Collection[tuple[str, ...]],
    timeout: float,
    on_event: Callable[[Progress], None],
) -> Progress:
    """Look until the cluster has settled, is stuck, or `timeout` seconds are over; return the last look."""
    looks = watch(cluster, pending_keys=pending_keys)
    while True:
        progress = next(looks)
        on_event(progress)
        if progress.settled or progress.stalled or progress.seconds > timeout:
            return progress


def watch(
    cluster: Cluster, *, pending_keys: Collection[tuple[str, ...]] = (), pace: float = PACE
) -> Iterator[Progress]:
    """Look again and again until the cluster has settled or is stuck, and yield every look.

    What was left to do `pending_keys`, before the change, is not waited for; it is given by its keys.

    The scheduler says what is left to do on the CIB as it is; the status says what is under way; and
    the controller says that it rests: only all three together mean that a change is through.
    """
    scheduler = cluster.require_scheduler("wait for the cluster to settle")
    begin = time.monotonic()
    resting_since: float | None = None
    rests = 0
    patient = Retrying(
        retry=retry_if_exception_type((TransportError, ClusterError)),
        stop=stop_after_delay(BLIND),
        wait=wait_fixed(pace),
        reraise=True,
    )
    while True:
        snapshot = patient(cluster.query)
        simulation = patient(scheduler.run, snapshot.cib)
        left = tuple(each for each in simulation.actions if not each.blocked and each.key not in pending_keys)
        running = tuple(_under_way(snapshot.cib))
        idle = not running and _controller_rests(cluster, snapshot)
        now = time.monotonic()
        resting_since = (resting_since or now) if idle else None
        rests = rests + 1 if idle and not left else 0
        progress = Progress(
            seconds=now - begin,
            snapshot=snapshot,
            simulation=simulation,
            actions=left,
            running=running,
            # Twice: the controller may rest for the moment between a change and its notice of it.
            settled=rests >= 2,
            stalled=bool(left) and resting_since is not None and now - resting_since > STALLED_AFTER,
        )
        yield progress
        if progress.settled or progress.stalled:
            return
        time.sleep(pace)


def _under_way(cib: etree._Element) -> Iterator[str]:
    """Operations that the status records as pending."""
    names = {node.get("id"): node.get("uname") for node in cib.iterfind("configuration/nodes/node")}
    for state in cib.iterfind("status/node_state"):
        if state.get("crmd") != "online" and state.get("remote_node") is None:
            continue
        node = state.get("uname") or names.get(state.get("id"))
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource"):
            for operation in resource.iterfind("lrm_rsc_op[@op-status='-1']"):
                yield f"{operation.get('operation')} {resource.get('id')} on {node}"


def _controller_rests(cluster: Cluster, snapshot: Snapshot) -> bool:
    """Whether the designated controller has nothing under way (its state machine is at S_IDLE)."""
    dc = snapshot.cib.get("dc-uuid")
    node = next((n for n in snapshot.cib.iterfind("configuration/nodes/node") if n.get("id") == dc), None)
    if node is None:
        return False
    argv = ["crmadmin", "--output-as=xml", f"--status={node.get('uname')}"]
    done = cluster.transport.run(argv, ok=())
    return done.status == 0 and b"S_IDLE" in done.stdout
