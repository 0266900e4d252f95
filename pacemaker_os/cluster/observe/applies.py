"""Read the apply history of a cluster from all nodes."""

from __future__ import annotations

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.store.history import EMPTY, History, merge, read_history
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.cluster.store.record import Record
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel


@dataclass(frozen=True, slots=True)
class Applies:
    """The apply history, the CIB that it was compared with, and the nodes whose records are not in it.

    `problem` is the reason why the CIB could not be read.
    """

    history: History
    snapshot: Snapshot
    unread: tuple[str, ...] = ()
    problem: str = ""

    @property
    def later_author(self) -> str:
        """The writer of the CIB in parentheses, if it is newer than the newest apply."""
        steps = self.history.lineage.steps
        newer = bool(steps) and self.snapshot.version.configuration > steps[0].record.after.configuration
        return f" (the last one {self.snapshot.author})" if newer and self.snapshot.author else ""


def load_applies(cluster: Cluster, *, snapshot: Snapshot | None = None) -> Applies:
    """Return the apply history of the cluster as it is now. Raises TransportError, ClusterError.

    All reachable nodes are read: one that was off during an apply has no record of it.
    """
    snapshot = snapshot or cluster.query()
    own = read_history(cluster.store)
    if not cluster.live:
        return Applies(History.of(own, snapshot), snapshot)
    records, unread = _other_nodes(cluster)
    return Applies(History.of(merge(own, *records), snapshot), snapshot, unread)


def recorded_applies(cluster: Cluster) -> Applies:
    """Return the apply history, even if the CIB cannot be read, because Pacemaker is not running on the node.

    Raises TransportError, ClusterError.
    """
    try:
        return load_applies(cluster)
    except ClusterError as error:
        if not cluster.live or error.code == "bad-history":
            raise
        history = History.without_cib(read_history(cluster.store))
        return Applies(history, Snapshot.of(EMPTY), problem=str(error))


def _other_nodes(cluster: Cluster) -> tuple[list[tuple[Record, ...]], tuple[str, ...]]:
    """Return the records of each other node, and the nodes that cannot be read."""
    unread: list[str] = []
    stores = []
    for peer in cluster.peers(only_members=True)[1:]:
        if peer.transport is None:
            unread.append(peer.node)
        else:
            stores.append((peer.node, LiveStore(peer.transport)))

    def read(named: tuple[str, LiveStore]) -> tuple[Record, ...]:
        name, store = named
        try:
            return read_history(store, skip_invalid=True)
        except (TransportError, ClusterError):
            unread.append(name)
            return ()

    return run_parallel(read, stores), tuple(sorted(unread))
