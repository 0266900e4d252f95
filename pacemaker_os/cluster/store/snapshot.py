"""Snapshot of a CIB at one version."""

from __future__ import annotations

from dataclasses import field

from lxml import etree

from pacemaker_os.cib.parser import parse_cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.version import Version
from pacemaker_os.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole `<cib>` at one version, including the status. Treat the tree as read-only.

    `exists` is False for a CIB file that does not exist yet.
    """

    cib: etree._Element = field(repr=False)
    exists: bool = True

    @classmethod
    def of(cls, data: bytes | str, *, file: str = "cib.xml") -> Snapshot:
        """Parse a snapshot from XML. Raises InputError."""
        return cls(parse_cib(data, file=file))

    @property
    def version(self) -> Version:
        """The CIB version, which a push names as its source."""
        return Version.of(self.cib)

    @property
    def digest(self) -> str:
        """A digest of the configuration."""
        return content.digest(content.configuration(self.cib))

    @property
    def author(self) -> str:
        """The last writer according to the CIB: client, user, node and time."""
        names = ("update-client", "update-user", "update-origin", "cib-last-written")
        texts = ("by {}", "as {}", "on {}", "at {}")
        values = ((text, self.cib.get(name)) for name, text in zip(names, texts, strict=True))
        return " ".join(text.format(value) for text, value in values if value)

    def same_configuration(self, other: Snapshot) -> bool:
        """Return whether two snapshots differ only in their status.

        The version alone is not sufficient, because a change of the schema does not raise the epoch.
        """
        same_version = self.version.configuration == other.version.configuration
        return same_version and content.same_content(self.cib, other.cib)
