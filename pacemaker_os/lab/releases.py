"""The Debian releases of node images."""

from __future__ import annotations

from collections.abc import Mapping

#: Every release, with the Pacemaker version that it brings; the first one is the default.
RELEASES: Mapping[str, str] = {"trixie": "3.0", "bookworm": "2.1"}

DEFAULT_RELEASE = next(iter(RELEASES))

#: The keys that sign the archives of all releases.
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
