"""The target of a command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster of this machine, or one of: a CIB file, a node in a container, a node reached by ssh."""

    cib_file: str | None = None
    container: str | None = None
    ssh: str | None = None
