"""Whether the agents that a plan needs are there, and take what they are given."""

from __future__ import annotations

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.table import layout
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.metadata import Agent, Metadata
from pacemaker_os.document.checks.agents import check_agents
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.plan.plan import Plan
from pacemaker_os.text import closest


def check_plan_agents(cluster: Cluster, desired: Cib, plan: Plan) -> None:
    """Ask the agents of the resources that a plan adds or changes on a live cluster.

    Raises InputError for an agent that no reachable node has, a parameter that it does not know or
    cannot take, and one that it needs.
    """
    touched = _touched(desired, plan)
    named = [(name, each) for each in touched if (name := getattr(each, "agent", None))]
    if not named:
        return
    known = _metadata(cluster, list(dict.fromkeys(name for name, _ in named)))
    hints = {name: _hint(cluster, name) for name, agent in known.items() if agent is None}
    problems = [
        _problem(resource, f"there is no agent '{name}'{hints[name]}", "unknown-agent")
        for name, resource in named
        if name in hints
    ]
    for finding in check_agents(desired, known.get):
        if not finding.is_warning:
            place = finding.origin
            problems.append(Problem(place.file, place.line, place.column, finding.message, finding.code))
    if problems:
        raise InputError(problems)


def _touched(desired: Cib, plan: Plan) -> list[Element]:
    """The primitives and templates in what is added or changed."""
    names = {operation.name for operation in plan.object_changes if operation.section == "resources"}
    tops = [each for each in desired.resources if _id(each) in names]
    return [primitive for top in tops for primitive in _primitives(top)]


def _primitives(element: Element) -> list[Element]:
    if hasattr(element, "agent"):
        return [element]
    below = (getattr(element, kind.field) for kind in layout(type(element)).children)
    children = (child for each in below for child in (each if isinstance(each, tuple) else (each,)))
    return [found for child in children if child is not None for found in _primitives(child)]


def _metadata(cluster: Cluster, names: list[str]) -> dict[str, Agent | None]:
    """What agents say; one that this node has not may be on another, or on a remote node alone."""
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
    """The agent that was probably meant, or what to do."""
    standard, _, rest = name.partition(":")
    listed = cluster.transport.run(["crm_resource", "--list-agents", name.rpartition(":")[0]], ok=()).text
    if near := closest(rest.rpartition(":")[2], listed.split(), cutoff=0.7):
        return f"; did you mean '{name.rpartition(':')[0]}:{near}'?"
    kinds = (
        ""
        if standard in ("ocf", "systemd", "stonith", "service", "lsb")
        else f" (there is no class {standard})"
    )
    return f" on any node that can be asked{kinds}; install it first, or use --skip-agent-checks"


def _id(element: Element) -> str:
    return str(getattr(element, "id", "") or "")
