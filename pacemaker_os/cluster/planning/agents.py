"""Check that the agents of a plan are installed and accept their parameters."""

from __future__ import annotations

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.metadata import Agent, Metadata
from pacemaker_os.document.checks.agents import check_agents
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.plan import Plan
from pacemaker_os.text import closest

#: The classes of resource agents.
_CLASSES = ("ocf", "systemd", "stonith", "service", "lsb")


def check_plan_agents(cluster: Cluster, desired: Cib, plan: Plan) -> None:
    """Check the agents of the resources that a plan adds or changes.

    Raises InputError for an agent that is not installed on any reachable node, an unknown or invalid
    parameter, and a missing required parameter.
    """
    named = [
        (name, each) for each in _changed_primitives(desired, plan) if (name := getattr(each, "agent", None))
    ]
    if not named:
        return
    known = _metadata(cluster, list(dict.fromkeys(name for name, _ in named)))
    hints = {name: _hint(cluster, name) for name, agent in known.items() if agent is None}
    problems = [
        _problem(resource, f"unknown agent '{name}'{hints[name]}", "unknown-agent")
        for name, resource in named
        if name in hints
    ]
    for finding in check_agents(desired, known.get):
        if not finding.is_warning:
            origin = finding.origin
            problems.append(Problem(origin.file, origin.line, origin.column, finding.message, finding.code))
    if problems:
        raise InputError(problems)


def _changed_primitives(desired: Cib, plan: Plan) -> list[Element]:
    """Return the primitives and templates that are added or changed, or are part of such a resource."""
    names = {change.name for change in plan.object_changes if change.section == "resources"}
    tops = [each for each in desired.resources if _id(each) in names]
    return [primitive for top in tops for primitive in _primitives(top)]


def _primitives(element: Element) -> list[Element]:
    if hasattr(element, "agent"):
        return [element]
    below = (getattr(element, kind.field) for kind in layout(type(element)).children)
    children = (child for each in below for child in (each if isinstance(each, tuple) else (each,)))
    return [found for child in children if child is not None for found in _primitives(child)]


def _metadata(cluster: Cluster, names: list[str]) -> dict[str, Agent | None]:
    """Return metadata by agent; agents that the connected node lacks are read from the other nodes."""
    known = Metadata(cluster.transport).read(names)
    missing = [name for name, agent in known.items() if agent is None]
    if missing:
        for peer in cluster.peers()[1:]:
            if peer.transport is not None:
                found = Metadata(peer.transport).read(missing)
                known |= {name: agent for name, agent in found.items() if agent is not None}
    return known


def _problem(resource: Element, message: str, code: str) -> Problem:
    origin = resource.origin
    if origin is None:
        return Problem("document", 0, 0, message, code)
    return Problem(origin.file, origin.line, origin.column, message, code)


def _hint(cluster: Cluster, name: str) -> str:
    """Return a suggestion for an unknown agent, as the end of an error message."""
    standard, _, rest = name.partition(":")
    listed = cluster.transport.run(["crm_resource", "--list-agents", name.rpartition(":")[0]], ok=()).text
    if near := closest(rest.rpartition(":")[2], listed.split(), cutoff=0.7):
        return f"; did you mean '{name.rpartition(':')[0]}:{near}'?"
    if standard not in _CLASSES:
        return f": unknown class '{standard}'; use one of {', '.join(_CLASSES)}"
    return ": it is not installed on any reachable node; install it, or use --skip-agent-checks"


def _id(element: Element) -> str:
    return str(getattr(element, "id", "") or "")
