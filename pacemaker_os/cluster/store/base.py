"""Protocol of a CIB store: the CIB of a running cluster, or a CIB file."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lxml import etree

from pacemaker_os.cluster.store.records import RecordStore
from pacemaker_os.cluster.store.snapshot import Snapshot


class VersionMismatch(Exception):
    """The CIB no longer has the version that the patch was made for; nothing was written."""


class Store(Protocol):
    """Reads a CIB, and writes it by compare-and-swap on its version."""

    @property
    def name(self) -> str:
        """The name of the cluster or file in messages."""

    @property
    def path(self) -> Path | None:
        """The CIB file, or None for a running cluster."""

    @property
    def history(self) -> RecordStore:
        """The apply history of this CIB."""

    def read(self) -> Snapshot:
        """Return the current CIB."""

    def compare_and_swap(self, base: Snapshot, patch: etree._Element) -> None:
        """Apply the whole `patch` if the CIB still has the version of `base`, else nothing.

        Raises VersionMismatch for another version, ClusterError when Pacemaker rejects the content.
        """
