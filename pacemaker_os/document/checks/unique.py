"""Resources that share what their agent wants to be unique: two addresses that are one, two of a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Primitive, Template
from pacemaker_os.document.checks.agents import Agent, Metadata, agent_resources
from pacemaker_os.document.checks.finding import START, LintFinding


def check_unique(cib: Cib, metadata: Metadata) -> list[LintFinding]:
    """Return the resources that have the same values as an earlier one where the agent wants others.

    This is advice: a cluster takes it, and two sites may well share an address by rules. Values that
    hold by a rule or by reference are not compared.
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
        for group, values in _said(agent, pairs):
            other = taken.setdefault((name, group, tuple(values.values())), resource.id)
            if other == resource.id:
                continue
            pair = next(pairs[each] for each in values if each in pairs)
            said = (
                f"'{resource.id}' has the same {' and '.join(values)} as '{other}', "
                f"which {name} wants to be different in every resource"
            )
            found.append(
                LintFinding(pair.origin or resource.origin or START, said, "not-unique", is_warning=True)
            )
    return found


def _said(agent: Agent, pairs: dict[str, NvPair]) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield the values of each unique group that a resource says anything of; defaults fill the rest."""
    groups: dict[str, dict[str, str | None]] = defaultdict(dict)
    for parameter in agent.parameters:
        if parameter.unique_group:
            pair = pairs.get(parameter.name)
            groups[parameter.unique_group][parameter.name] = pair.value if pair else parameter.default
    for group, values in groups.items():
        if not values.keys().isdisjoint(pairs):
            yield group, values


def _plain(resource: Primitive | Template) -> dict[str, NvPair]:
    """The parameters that a resource has at all times; the first pair of a name holds."""
    found: dict[str, NvPair] = {}
    for nvset in resource.instance_attributes:
        for pair in nvset.nvpairs if nvset.rule is None else ():
            if pair.name is not None and pair.value is not None:
                found.setdefault(pair.name, pair)
    return found
