"""The command line of the engine, and its re-execution after an upgrade.

Each monitor runs the installed release and writes it into the engine's settings. An engine of an older
release therefore re-executes itself as the new one, between two poll cycles, within the interval of a
monitor.
"""

from __future__ import annotations

import sys

from pacemaker_os.ocf import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: Program that imports the engine from the directory in its first argument, isolated from the environment.
BEGIN = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from pacemaker_os.agents.nova_evacuate.service import main; main(sys.argv[2:])"
)


def own_code() -> str:
    """Return the identity of this code: its modification time, and its directory."""
    folder = __file__.removesuffix("/pacemaker_os/agents/nova_evacuate/launch.py")
    return f"{files.modification_time(__file__) or 0.0:.0f} {folder}"


def line(code: str, settings: str, instance: str) -> list[str]:
    """Return the command line of an engine: its code, its settings file, and the resource instance."""
    folder = code.partition(" ")[2]
    return [sys.executable or "/usr/bin/python3", "-IS", "-c", BEGIN, folder, settings, instance]


def reexec(code: str, settings: str, instance: str) -> NoReturn:
    """Replace the engine by another release. The process stays the same, so the agent still recognizes it."""
    import os

    argv = line(code, settings, instance)
    os.execv(argv[0], argv)  # noqa: S606  # no shell is meant
