"""The CIB of a running cluster, accessed through Pacemaker's tools on one of its nodes."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from pacemaker_os.cluster.store import cibadmin
from pacemaker_os.cluster.store.records import NodeRecordStore, RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.dataclass import dataclass
from pacemaker_os.transport.base import Transport

#: Directories of the apply history on a node. Records are written to the first one; the others are those
#: of earlier versions.
HISTORY_DIRECTORIES = ("/var/lib/pacemaker-os/history", "/var/lib/pcs-os/history")


@dataclass(frozen=True, slots=True)
class LiveStore:
    """Reads and writes through the CIB manager, which applies a patch only to the version it names."""

    transport: Transport

    @property
    def name(self) -> str:
        return self.transport.name

    @property
    def path(self) -> Path | None:
        return None

    @property
    def history(self) -> RecordStore:
        return NodeRecordStore(self.transport, HISTORY_DIRECTORIES)

    def read(self) -> Snapshot:
        return Snapshot.of(cibadmin.query(self.transport), file=f"the CIB of {self.name}")

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        cibadmin.patch(self.transport, patch)
