"""Which cluster a command acts on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """This machine's cluster, or at most one of: a CIB on disk, a node in a container, a node behind ssh."""

    cib_file: str | None = None
    container: str | None = None
    ssh: str | None = None
