"""Generate the page of agents from their metadata."""

from __future__ import annotations

from generate.markdown import code, table
from pacemaker_os.agents import find
from pacemaker_os.install.agents import agent_names
from pacemaker_os.ocf.action import Action
from pacemaker_os.ocf.agent import Agent
from pacemaker_os.ocf.parameter import Parameter

HEAD = """\
# Agents

The OCF agents of the provider `pacemaker-os`, from their metadata. `pcs-os agents metadata NAME` prints the
same in a terminal, and `pcs-os agents install` installs the agents on nodes. To write an agent, see
[](../write-an-agent.md).

"""


def page() -> str:
    """Return the page."""
    return HEAD + "\n".join(section(find(name)) for name in agent_names())


def section(agent: type[Agent]) -> str:
    """Return the section of an agent."""
    parameters = [parameter_row(parameter) for parameter in agent.parameters()]
    return "\n".join(
        [
            f"## ocf:pacemaker-os:{agent.name}\n",
            f"{agent.summary}. {' '.join((agent.__doc__ or '').split())}\n",
            table(["Parameter", "Type", "Default", "Description"], parameters),
            table(["Operation", "Recommended values"], [action_row(action) for action in agent.actions]),
        ]
    )


def parameter_row(parameter: Parameter) -> tuple[str, str, str, str]:
    """Return the row of a parameter."""
    kind = ", ".join(map(code, parameter.options)) or parameter.content_type
    notes = [note for note in ("required", "reloadable") if getattr(parameter, note)]
    notes += [f"formerly {code(parameter.renamed_from)}"] if parameter.renamed_from else []
    default = code(parameter.default) if parameter.default else ""
    return code(parameter.name), "; ".join([kind, *notes]), default, parameter.help


def action_row(action: Action) -> tuple[str, str]:
    """Return the row of an operation, with the values that the agent recommends for a document."""
    recommended = {
        "timeout": f"{action.timeout}s",
        "interval": None if action.interval is None else f"{action.interval}s",
        "role": action.role or None,
        "OCF_CHECK_LEVEL": action.depth or None,
    }
    return code(action.name), ", ".join(
        code(f"{name}={value}") for name, value in recommended.items() if value
    )
