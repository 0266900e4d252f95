"""Resources against what their agents say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.values import boolean, integer, milliseconds
from pacemaker_os.document.checks.finding import START, LintFinding
from pacemaker_os.text import did_you_mean


class Parameter(Protocol):
    """A parameter of an agent; `replaced_by` names what replaces one that is deprecated.

    Parameters of the same `unique_group` should together have other values in every resource.
    """

    @property
    def name(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def type(self) -> str: ...
    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def deprecated(self) -> bool: ...
    @property
    def replaced_by(self) -> str: ...
    @property
    def default(self) -> str | None: ...
    @property
    def unique_group(self) -> str: ...


class Action(Protocol):
    """An action that an agent offers."""

    @property
    def name(self) -> str: ...


class Agent(Protocol):
    """What an agent says of itself; whoever reads metadata has such a value."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> Sequence[Parameter]: ...
    @property
    def actions(self) -> Sequence[Action]: ...


#: Gives an agent's metadata, None when it cannot be had (then nothing is checked).
Metadata = Callable[[str], Agent | None]

#: Parameters that Pacemaker itself reads from any fencing device, or hands to any agent.
_FOREIGN = ("pcmk_", "crm_", "CRM_meta_", "OCF_")
_FENCING = frozenset(("priority", "stonith-timeout", "provides", "action", "port", "plug"))
#: Actions that an agent need not list, or that only some classes have.
_ALWAYS = frozenset(
    ("start", "stop", "monitor", "validate-all", "meta-data", "notify", "reload", "reload-agent")
)

_KINDS: dict[str, tuple[Callable[[str], object], str]] = {
    "integer": (integer, "a whole number"),
    "boolean": (boolean, "true or false"),
    "time": (milliseconds, "a duration such as 30s"),
    "second": (milliseconds, "a duration such as 30s"),
}


def agents_of(cib: Cib) -> tuple[str, ...]:
    """Return the agents that the resources name, each once."""
    return tuple(dict.fromkeys(each.agent for each in agent_resources(cib.resources) if each.agent))


#: How much like an installed agent a name must be to be taken for a slip of the finger.
_SLIP = 0.85


def check_installed(
    cib: Cib, missing: Collection[str], installed: Callable[[str], Collection[str]], where: str | None
) -> list[LintFinding]:
    """Return the resources with `missing` agents: surely at `where`, a node, else when they look like slips.

    `installed` gives the types of the agents (`IPaddr2`) that share a class and provider (`ocf:heartbeat`).
    """
    found = []
    for resource in agent_resources(cib.resources):
        name = resource.agent
        if name is None or name not in missing:
            continue
        kind, _, type_ = name.rpartition(":")
        near = did_you_mean(
            type_, [each for each in installed(kind) if not _longer(type_, each)], cutoff=_SLIP
        )
        if near or where:
            said = f"there is no agent '{name}'{f' on {where}' if where else ''}{near}"
            found.append(LintFinding(resource.origin or START, said, "unknown-agent"))
    return found


def _longer(one: str, other: str) -> bool:
    """Tell whether a name goes on where the other ends (`redis`, `redis-ha`): two agents, no slip."""
    return one.startswith(f"{other}-") or other.startswith(f"{one}-")


def check_agents(cib: Cib, metadata: Metadata) -> list[LintFinding]:
    """Return unknown, missing, deprecated and mistyped parameters, and unknown actions."""
    templates = {each.id: each for each in cib.resources if isinstance(each, Template)}
    found: list[LintFinding] = []
    for resource in agent_resources(cib.resources):
        template = templates.get(resource.template) if isinstance(resource, Primitive) else None
        name = resource.agent or (template.agent if template else None)
        agent = metadata(name) if name else None
        if agent is None:
            continue
        place = resource.origin or START
        pairs = _pairs(resource)
        known = {**_pairs(template), **pairs} if template else pairs
        found += _parameters(resource, pairs, agent, place)
        if not isinstance(resource, Template):
            found += _missing(resource, known, agent, place)
        found += _actions(resource, agent, place)
    return found


def agent_resources(resources: Iterable[Element]) -> Iterator[Primitive | Template]:
    """Yield what names an agent, wherever it stands in the resources."""
    for each in resources:
        match each:
            case Primitive() | Template():
                yield each
            case Clone() if each.child is not None:
                yield from agent_resources((each.child,))
            case Group():
                yield from each.members
            case Bundle() if each.primitive is not None:
                yield each.primitive


def _pairs(resource: Primitive | Template) -> dict[str, NvPair]:
    return {
        pair.name: pair
        for nvset in resource.instance_attributes
        for pair in nvset.nvpairs
        if pair.name is not None and pair.value is not None
    }


def _parameters(
    resource: Primitive | Template, pairs: dict[str, NvPair], agent: Agent, place: Origin
) -> Iterator[LintFinding]:
    parameters = {parameter.name: parameter for parameter in agent.parameters}
    for name, pair in pairs.items():
        here = pair.origin or place
        known = parameters.get(name)
        if known is None:
            foreign = name.startswith(_FOREIGN) or (resource.class_ == "stonith" and name in _FENCING)
            if not foreign and parameters:
                said = f"resource '{resource.id}' has no parameter '{name}'{did_you_mean(name, parameters)}"
                yield LintFinding(here, said, "unknown-parameter")
            continue
        if known.deprecated:
            instead = f"; use '{known.replaced_by}'" if known.replaced_by else ""
            said = f"the parameter '{name}' of {agent.name} is deprecated{instead}"
            yield LintFinding(here, said, "deprecated-parameter", is_warning=True)
        if (expected := _mistyped(known, pair.value or "")) is not None:
            said = (
                f"the parameter '{name}' of '{resource.id}' cannot be '{pair.value}'; it must be {expected}"
            )
            yield LintFinding(here, said, "wrong-value")


def _mistyped(parameter: Parameter, value: str) -> str | None:
    if parameter.choices and value not in parameter.choices:
        return "one of " + ", ".join(parameter.choices) + did_you_mean(value, parameter.choices)
    read, expected = _KINDS.get(parameter.type, (str, ""))
    return expected if read(value) is None else None


def _missing(
    resource: Primitive | Template, pairs: dict[str, NvPair], agent: Agent, place: Origin
) -> Iterator[LintFinding]:
    by_rule = any(nvset.id_ref for nvset in resource.instance_attributes)
    for parameter in agent.parameters:
        name = parameter.name
        given = name in pairs or parameter.replaced_by in pairs
        foreign = resource.class_ == "stonith" and name in _FENCING
        if parameter.required and not given and not by_rule and not foreign and not parameter.deprecated:
            said = f"resource '{resource.id}' needs the parameter '{name}'"
            yield LintFinding(place, said, "missing-parameter")


def _actions(resource: Primitive | Template, agent: Agent, place: Origin) -> Iterator[LintFinding]:
    known = {action.name for action in agent.actions} | _ALWAYS
    if not agent.actions or resource.operations is None:
        return
    for operation in resource.operations.operations:
        if operation.name not in known:
            near = did_you_mean(operation.name or "", known)
            said = f"the agent of '{resource.id}' has no action '{operation.name}'{near}"
            yield LintFinding(operation.origin or place, said, "unknown-action")
