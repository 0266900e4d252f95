"""Read the state of a cluster: crm_mon, the CIB and the apply history, all at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.bounded import monitor, quick_monitor, read_cib
from pacemaker_os.cluster.observe.gather import read_health
from pacemaker_os.cluster.observe.reasons import Wanted, find_reasons
from pacemaker_os.cluster.observe.verify import simulate_current, verify_current
from pacemaker_os.cluster.store.history import History, read_history
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.errors import ClusterError, MissingFile, TransportError
from pacemaker_os.status.findings import find
from pacemaker_os.status.judge import unexplained
from pacemaker_os.status.reason import Reason
from pacemaker_os.status.state import build_state
from pacemaker_os.status.values import State


def read_state(cluster: Cluster, previous: State | None = None) -> State:
    """Return the state of a cluster. Raises ClusterError, TransportError.

    The drift of the `previous` state is reused while the configuration is unchanged.
    """
    with ThreadPoolExecutor(max_workers=5) as pool:
        quick = pool.submit(quick_monitor, cluster)
        query = pool.submit(read_cib, cluster)
        records = pool.submit(_history, cluster) if previous is None else None
        snapshot = query.result()
        if not snapshot.exists:
            raise MissingFile(cluster.name)
        simulated = pool.submit(simulate_current, cluster.scheduler, snapshot.cib)
        facts = pool.submit(read_health, cluster, snapshot.cib)
        result, health = monitor(cluster, snapshot.cib, quick.result(), facts.result), facts.result()
        reused = previous is not None and _drift_is_current(previous, snapshot)
        history = () if reused else records.result() if records is not None else _history(cluster)
    simulation = simulated.result()
    history = History.of(history, snapshot).written
    origins = previous.origins if reused and previous is not None else _origins(history)
    state = build_state(
        result,
        snapshot.cib,
        (record.changes for record in reversed(history)),
        cluster=cluster.name,
        live=cluster.live,
        when=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
        simulation=simulation,
        health=health,
        origins=origins,
    )
    if reused and previous is not None:
        state = replace(state, documents=previous.documents)
    if simulation is not None:
        verification = verify_current(simulation.messages, snapshot.cib, origins)
        wanted = [Wanted(*each) for each in unexplained(state)]
        reasons: dict[str, Reason] = {}
        if cluster.scheduler is not None:
            reasons = find_reasons(cluster.scheduler, snapshot.cib, simulation, wanted, origins)
        state = replace(state, verification=verification, reasons=reasons)
    return replace(state, findings=tuple(find(state)))


def _history(cluster: Cluster) -> tuple[Record, ...]:
    """Return the apply history; objects of records that cannot be read count as unknown."""
    try:
        return read_history(cluster.store, skip_invalid=True)
    except (TransportError, ClusterError):
        return ()


def _drift_is_current(previous: State, snapshot: Snapshot) -> bool:
    """Return whether the drift is unchanged. Unknown objects are read again: a record follows its push."""
    return _is_current(previous, snapshot) and not any(drift.unknown for drift in previous.documents)


def _is_current(previous: State, snapshot: Snapshot) -> bool:
    """Return whether the configuration is unchanged."""
    return previous.cib.rpartition(".")[0] == str(snapshot.version).rpartition(".")[0]


def _origins(history: tuple[Record, ...]) -> dict[str, str]:
    """Return the positions of applied objects in their documents, the newest record first."""
    found: dict[str, str] = {}
    for record in history:
        for change in record.changes:
            if change.origin:
                found.setdefault(change.key.partition(":")[2], change.origin)
    return found
