"""The OCF agents. They use only the standard library.

Each agent is a package with the agent's name (with _ for -). Its module `agent` names the class as AGENT, and
its module `decide` makes decisions without I/O. The executables that Pacemaker runs are in the top-level
directory `agents`; they call `main`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.agent import Agent


def find(name: str) -> type[Agent]:
    """Return the class of the agent `name`. Raises ImportError if it does not exist."""
    from importlib import import_module

    agent: type[Agent] = import_module(f"pacemaker_os.agents.{name.replace('-', '_')}.agent").AGENT
    return agent


def main(name: str) -> None:
    """Run one action of the agent `name`, and exit with its status."""
    from pacemaker_os.ocf import run

    run.main(find(name))
