"""The CIB of a running cluster, through Pacemaker's tools on one of its nodes."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cluster.store import cibadmin
from pacemaker_os.cluster.store.snapshot import Snapshot
from pacemaker_os.transport.base import Transport


@dataclass(frozen=True, slots=True)
class LiveStore:
    """Reads and writes through the CIB manager, which compares versions and swaps whole configurations."""

    transport: Transport

    @property
    def name(self) -> str:
        return self.transport.name

    def read(self) -> Snapshot:
        return Snapshot.of(cibadmin.query(self.transport), file=f"the CIB of {self.name}")

    def swap(self, base: Snapshot, patch: etree._Element) -> None:
        cibadmin.patch(self.transport, patch)
