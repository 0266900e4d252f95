"""Where Debian's packages come from: whatever this machine's own apt is set up with.

No source is named here. PCS_OS_MIRROR overrides; a machine whose apt knows no Debian (Ubuntu) leaves
the choice to debootstrap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from pacemaker_os.transport.base import Transport

_FORMAT = "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(REPO_URI)"

#: The suites of a release by the label of the archive that carries them.
_SUITES = {"Debian": ("{}", "{}-updates"), "Debian-Security": ("{}-security",)}


@dataclass(frozen=True, slots=True)
class Sources:
    """Archives by label (Debian, Debian-Security), empty when debootstrap shall choose; apt's own proxy."""

    archives: dict[str, str]
    proxy: str = ""

    @property
    def mirror(self) -> str | None:
        return self.archives.get("Debian")

    def apt_lines(self, release: str) -> str | None:
        """Return a sources.list for `release`, None when debootstrap's own shall stay."""
        lines = [
            f"deb {uri} {suite.format(release)} main\n"
            for label, uri in self.archives.items()
            for suite in _SUITES[label]
        ]
        return "".join(lines) or None


def read_sources(machine: Transport) -> Sources:
    """Ask this machine's apt where it gets Debian from."""
    proxy = machine.run(["apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy"]).text.strip()
    override = os.environ.get("PCS_OS_MIRROR")
    if override:
        return Sources({"Debian": override}, proxy)
    archives: dict[str, str] = {}
    for line in machine.run(["apt-get", "indextargets", "--format", _FORMAT]).text.splitlines():
        created_by, origin, label, uri = (line.split("|") + [""] * 4)[:4]
        if created_by == "Packages" and origin == "Debian" and label in _SUITES:
            archives.setdefault(label, uri)
    # The security archive alone makes no system.
    return Sources(archives if "Debian" in archives else {}, proxy)
