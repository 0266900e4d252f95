"""How the engine's process begins, and begins anew when other code has taken the place of its own.

Each monitor runs the code that is installed then, and writes into the engine's settings which that is. So an
engine of an older release becomes one of the new within a monitor's interval, between two looks.
"""

from __future__ import annotations

import sys

from pacemaker_os.ocf import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: How the process finds its code: from where this file lies, isolated from the environment.
BEGIN = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from pacemaker_os.agents.nova_evacuate.service import main; main(sys.argv[2:])"
)


def own_code() -> str:
    """Which code this is: when it was written, and the folder that it lies in."""
    folder = __file__.removesuffix("/pacemaker_os/agents/nova_evacuate/launch.py")
    return f"{files.modification_time(__file__) or 0.0:.0f} {folder}"


def line(code: str, settings: str, instance: str) -> list[str]:
    """The command line of an engine of some code, with its settings in a file, for a resource."""
    folder = code.partition(" ")[2]
    return [sys.executable or "/usr/bin/python3", "-IS", "-c", BEGIN, folder, settings, instance]


def reexec(code: str, settings: str, instance: str) -> NoReturn:
    """Become an engine of other code; the process stays the same, so that the agent knows it."""
    import os

    argv = line(code, settings, instance)
    os.execv(argv[0], argv)  # noqa: S606  # no shell is meant
