"""The OCF agents. Standard library alone.

Each is a package of its own name (with _ for -) with a module `agent` that names its class as AGENT;
what an agent decides is in a module `decide` without input or output. The executables that Pacemaker
runs are in the folder `agents` at the top, and call `main`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.agent import Agent


def find(name: str) -> type[Agent]:
    """The class of the agent `name`. Raises ImportError when there is none."""
    from importlib import import_module

    agent: type[Agent] = import_module(f"pacemaker_os.agents.{name.replace('-', '_')}.agent").AGENT
    return agent


def main(name: str) -> None:
    """Run one action of the agent `name`, and exit with its status."""
    from pacemaker_os.ocf import run

    run.main(find(name))
