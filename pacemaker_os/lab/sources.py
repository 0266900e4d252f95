"""Debian package archives for node images: those that apt uses on this machine.

PCS_OS_MIRROR overrides them. On a machine without Debian archives, such as Ubuntu, debootstrap chooses.
"""

from __future__ import annotations

import os

from pacemaker_os.dataclass import dataclass
from pacemaker_os.transport.base import Transport

_FORMAT = "$(CREATED_BY)|$(ORIGIN)|$(LABEL)|$(REPO_URI)"

#: Suites of a release, by the label of their archive.
_SUITES = {"Debian": ("{}", "{}-updates"), "Debian-Security": ("{}-security",)}


@dataclass(frozen=True, slots=True)
class Sources:
    """Archives by label (Debian, Debian-Security), and the proxy of apt. If empty, debootstrap chooses."""

    archives: dict[str, str]
    proxy: str = ""

    @property
    def mirror(self) -> str | None:
        return self.archives.get("Debian")

    def apt_lines(self, release: str) -> str | None:
        """Return a sources.list for `release`, or None to keep that of debootstrap."""
        lines = [
            f"deb {uri} {suite.format(release)} main\n"
            for label, uri in self.archives.items()
            for suite in _SUITES[label]
        ]
        return "".join(lines) or None


def read_sources(machine: Transport) -> Sources:
    """Return the Debian archives in the apt configuration of a machine."""
    proxy = machine.run(["apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy"]).text.strip()
    override = os.environ.get("PCS_OS_MIRROR")
    if override:
        return Sources({"Debian": override}, proxy)
    archives: dict[str, str] = {}
    for line in machine.run(["apt-get", "indextargets", "--format", _FORMAT]).text.splitlines():
        created_by, origin, label, uri = (line.split("|") + [""] * 4)[:4]
        if created_by == "Packages" and origin == "Debian" and label in _SUITES:
            archives.setdefault(label, uri)
    # The security archive alone is not sufficient.
    return Sources(archives if "Debian" in archives else {}, proxy)
