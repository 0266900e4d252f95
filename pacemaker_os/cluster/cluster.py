"""A cluster: a running one, or a CIB file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from pathlib import Path

from lxml import etree

from pacemaker_os.cluster.scheduler import NO_SCHEDULER, Scheduler, is_scheduler_installed
from pacemaker_os.cluster.store.base import Store
from pacemaker_os.cluster.store.file import FileStore
from pacemaker_os.cluster.store.live import LiveStore
from pacemaker_os.cluster.store.pcs import PcsStore
from pacemaker_os.cluster.store.peers import Peer, connect_peers
from pacemaker_os.cluster.store.push import push
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.cluster.target import Target
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: its CIB store, its scheduler, and the transport to it.

    `live` is False for a CIB file, which has no running resources. `scheduler` is None where Pacemaker's
    scheduler is not installed, so that effects cannot be predicted.
    """

    store: Store
    scheduler: Scheduler | None
    transport: Transport
    live: bool
    target: Target = field(default_factory=Target)

    @property
    def name(self) -> str:
        """The name in messages: that of the file, container or host."""
        return self.store.name

    def query(self) -> Snapshot:
        """Return the current CIB."""
        return self.store.read()

    def push(self, base: Snapshot, target: etree._Element) -> Snapshot:
        """Write the configuration of `target` if the cluster still has that of `base` (see store/push.py)."""
        return push(self.store, base, target)

    def peers(self, *, only_members: bool = False) -> list[Peer]:
        """Return every node of a running cluster, with the connected node first (see store/peers.py)."""
        return connect_peers(self.transport, self.target, only_members=only_members)

    def through(self, transport: Transport) -> Cluster:
        """Return the same running cluster through another node."""
        return replace(self, store=LiveStore(transport), scheduler=Scheduler(transport), transport=transport)

    def require_scheduler(self, purpose: str) -> Scheduler:
        """Return the scheduler. Raises ClusterError, which names the `purpose`, where there is none."""
        if self.scheduler is None:
            raise ClusterError(f"cannot {purpose}: {NO_SCHEDULER}", code="no-scheduler")
        return self.scheduler

    def require_writable(self) -> None:
        """Check that the CIB can be written. Raises ClusterError for a file that can only be read."""
        if isinstance(self.store, FileStore):
            self.store.check_writable()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()


#: Stores that write the CIB of a running cluster, by the program that they use.
STORES: dict[str, Callable[[Transport], Store]] = {"cibadmin": LiveStore, "pcs": PcsStore}


def connect(target: Target, *, via: str = "cibadmin") -> Cluster:
    """Return the target cluster, whose CIB is written `via` one of STORES.

    The first command opens the connection. Raises ClusterError.
    """
    named = [name for name in (target.cib_file, target.container, target.ssh) if name is not None]
    if len(named) > 1:
        message = "--cib-file, --container and --ssh are mutually exclusive"
        raise ClusterError(message, code="usage")
    transport = open_transport(container=target.container, ssh=target.ssh)
    if target.cib_file is not None:
        if via != "cibadmin":
            raise ClusterError(
                f"{via} cannot write a CIB file; remove --cib-file, or use cibadmin", code="usage"
            )
        store = FileStore(Path(target.cib_file), transport)
        scheduler = Scheduler(transport) if is_scheduler_installed() else None
        return Cluster(store, scheduler, transport, live=False, target=target)
    return Cluster(STORES[via](transport), Scheduler(transport), transport, live=True, target=target)
