"""What a cluster's CIB was at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.parse import parse_cib
from pacemaker_os.cib.tree.version import Version


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of a whole `<cib>`, the status included. Treat the tree as read-only.

    `exists` is False for a CIB file that is yet to be written.
    """

    cib: etree._Element = field(repr=False)
    exists: bool = True

    @classmethod
    def of(cls, data: bytes | str, *, file: str = "cib.xml") -> Snapshot:
        """Read a snapshot from XML. Raises InputError."""
        return cls(parse_cib(data, file=file))

    @property
    def version(self) -> Version:
        """The version that a push on top of this snapshot names as its source."""
        return Version.of(self.cib)

    @property
    def digest(self) -> str:
        """A short name for the content of the configuration."""
        return content.digest(content.configuration(self.cib))

    @property
    def author(self) -> str:
        """Who wrote last, as far as the CIB says: client, user, node and time."""
        names = ("update-client", "update-user", "update-origin", "cib-last-written")
        words = ("by {}", "as {}", "on {}", "at {}")
        said = ((word, self.cib.get(name)) for name, word in zip(names, words, strict=True))
        return " ".join(word.format(value) for word, value in said if value)

    def same_configuration(self, other: Snapshot) -> bool:
        """Whether nothing but the status lies between two snapshots.

        The version alone does not say that: a change of the schema alone does not raise the epoch.
        """
        versions_agree = self.version.configuration == other.version.configuration
        return versions_agree and content.same_content(self.cib, other.cib)
