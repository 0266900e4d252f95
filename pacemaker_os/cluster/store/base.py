"""Where a CIB is kept: the protocol of the live cluster and of a file on disk."""

from __future__ import annotations

from typing import Protocol

from lxml import etree

from pacemaker_os.cluster.store.snapshot import Snapshot


class Moved(Exception):
    """The CIB is no longer the one that the patch was made for; nothing was written."""


class Store(Protocol):
    """Reads a CIB, and writes it only on top of what was read."""

    @property
    def name(self) -> str:
        """What people call this place."""

    def read(self) -> Snapshot:
        """The CIB as it is now."""

    def swap(self, base: Snapshot, patch: etree._Element) -> None:
        """Apply `patch` if the CIB still has the version of `base`, whole or not at all.

        Raises Moved when it has another version, ClusterError when Pacemaker refuses the content.
        """
