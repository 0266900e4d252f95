"""One cluster, live or on disk, with what can be asked of it and done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from pacemaker_os.cluster.scheduler import NO_SCHEDULER, Scheduler, scheduler_is_here
from pacemaker_os.cluster.store.base import Store
from pacemaker_os.cluster.store.file import FileStore
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.cluster.store.pcs import PcsStore
from pacemaker_os.cluster.store.peers import Peer, connect_peers
from pacemaker_os.cluster.store.push import push
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.cluster.target import Target
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where its CIB is kept, who decides, how commands reach it, and what a person called it.

    `live` is False for a CIB on disk: nothing runs, so there is nothing to wait for.
    `scheduler` is None where Pacemaker's scheduler is not installed: nothing can be foretold.
    """

    store: Store
    scheduler: Scheduler | None
    transport: Transport
    live: bool
    target: Target = field(default_factory=Target)

    @property
    def name(self) -> str:
        """What people call it: a file, a container, a host."""
        return self.store.name

    def query(self) -> Snapshot:
        """The whole CIB as it is now."""
        return self.store.read()

    def push(self, base: Snapshot, target: etree._Element) -> Snapshot:
        """Make the configuration of `target` the cluster's, if it still is that of `base` (see push.py)."""
        return push(self.store, base, target)

    def peers(self) -> list[Peer]:
        """Return every node of a running cluster, with the connected node first. Raises TransportError."""
        return connect_peers(self.transport, self.target)

    def require_scheduler(self, purpose: str) -> Scheduler:
        """Return the scheduler. Raises ClusterError, which names the `purpose`, where there is none."""
        if self.scheduler is None:
            raise ClusterError(f"cannot {purpose}: {NO_SCHEDULER}", code="no-scheduler")
        return self.scheduler

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()


#: Ways to write the CIB of a running cluster.
WAYS: dict[str, Callable[[Transport], Store]] = {"cibadmin": LiveStore, "pcs": PcsStore}


def connect(target: Target, *, via: str = "cibadmin") -> Cluster:
    """The cluster that a person named, written `via` one of WAYS.

    Nothing is contacted before something is asked of it. Raises ClusterError.
    """
    named = [name for name in (target.cib_file, target.container, target.ssh) if name is not None]
    if len(named) > 1:
        message = "a cluster is a file, a container or a host: give one of --cib-file, --container, --ssh"
        raise ClusterError(message, code="usage")
    transport = open_transport(container=target.container, ssh=target.ssh)
    if target.cib_file is not None:
        if via != "cibadmin":
            raise ClusterError(f"{via} writes to running clusters only, not to a file", code="usage")
        store = FileStore(Path(target.cib_file), transport)
        scheduler = Scheduler(transport) if scheduler_is_here() else None
        return Cluster(store, scheduler, transport, live=False, target=target)
    return Cluster(WAYS[via](transport), Scheduler(transport), transport, live=True, target=target)
