"""Check that parameters which an agent declares as unique differ between resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Primitive, Template
from pacemaker_os.document.checks.agents import Agent, Metadata, agent_resources
from pacemaker_os.document.checks.finding import START, LintFinding


def check_unique(cib: Cib, metadata: Metadata) -> list[LintFinding]:
    """Return the resources that share unique values with an earlier resource of the same agent.

    The findings are warnings: Pacemaker accepts the values, and two sites can share an address by means of
    rules. Values with a rule and referenced sets are not compared.
    """
    templates = {each.id: each for each in cib.resources if isinstance(each, Template)}
    taken: dict[tuple[str, str, tuple[str | None, ...]], str | None] = {}
    found = []
    for resource in agent_resources(cib.resources):
        if isinstance(resource, Template):
            continue
        template = templates.get(resource.template)
        name = resource.agent or (template.agent if template else None)
        agent = metadata(name) if name else None
        if name is None or agent is None:
            continue
        pairs = {**(_plain(template) if template else {}), **_plain(resource)}
        for group, values in _unique_groups(agent, pairs):
            other = taken.setdefault((name, group, tuple(values.values())), resource.id)
            if other == resource.id:
                continue
            pair = next(pairs[each] for each in values if each in pairs)
            message = (
                f"resource '{resource.id}' has the same {' and '.join(values)} as '{other}'; "
                f"{name} requires different values in each resource"
            )
            found.append(
                LintFinding(pair.origin or resource.origin or START, message, "not-unique", is_warning=True)
            )
    return found


def _unique_groups(agent: Agent, pairs: dict[str, NvPair]) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield the values of each unique group that a resource sets at least in part, with defaults."""
    groups: dict[str, dict[str, str | None]] = defaultdict(dict)
    for parameter in agent.parameters:
        if parameter.unique_group:
            pair = pairs.get(parameter.name)
            groups[parameter.unique_group][parameter.name] = pair.value if pair else parameter.default
    for group, values in groups.items():
        if not values.keys().isdisjoint(pairs):
            yield group, values


def _plain(resource: Primitive | Template) -> dict[str, NvPair]:
    """Return the parameters without a rule; the first pair of a name takes precedence."""
    found: dict[str, NvPair] = {}
    for nvset in resource.instance_attributes:
        for pair in nvset.nvpairs if nvset.rule is None else ():
            if pair.name is not None and pair.value is not None:
                found.setdefault(pair.name, pair)
    return found
