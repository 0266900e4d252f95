"""Check resources against the metadata of their agents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.durations import milliseconds
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.resources import Bundle, Clone, Group, Primitive, Template
from pacemaker_os.cib.values import boolean, integer
from pacemaker_os.document.checks.finding import START, LintFinding
from pacemaker_os.text import did_you_mean


class Parameter(Protocol):
    """A parameter of an agent; `replaced_by` names the replacement of a deprecated parameter.

    The values of all parameters in a `unique_group` must differ between resources.
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
    @property
    def description(self) -> str: ...


class Action(Protocol):
    """An action of an agent."""

    @property
    def name(self) -> str: ...


class Agent(Protocol):
    """The metadata of an agent."""

    @property
    def name(self) -> str: ...
    @property
    def parameters(self) -> Sequence[Parameter]: ...
    @property
    def actions(self) -> Sequence[Action]: ...


#: Returns the metadata of an agent, None when it is unavailable (the agent is not checked then).
Metadata = Callable[[str], Agent | None]

#: Parameters that every agent with ocf-shellfuncs reads (see `crm resource trace`).
_TRACE = frozenset(("trace_ra", "trace_file", "trace_dir"))
#: Parameters that Pacemaker itself reads from fencing devices, or passes to every agent.
_FOREIGN = ("pcmk_", "crm_", "CRM_meta_", "OCF_")
_FENCING = frozenset(("priority", "stonith-timeout", "provides", "action", "port", "plug"))
#: Actions that metadata can omit.
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
    """Return the agents of all resources, without duplicates."""
    return tuple(dict.fromkeys(each.agent for each in agent_resources(cib.resources) if each.agent))


#: Similarity to the name of an installed agent from which on a name counts as misspelled.
_MISSPELLED = 0.85


def check_installed(
    cib: Cib, missing: Collection[str], installed: Callable[[str], Collection[str]], where: str | None
) -> list[LintFinding]:
    """Return the resources whose agent is in `missing`.

    `where` is the node that lacks the agents. Without it, only probable misspellings are reported.
    `installed` returns the types (`IPaddr2`) of the installed agents of a class and provider
    (`ocf:heartbeat`).
    """
    found = []
    for resource in agent_resources(cib.resources):
        name = resource.agent
        if name is None or name not in missing:
            continue
        kind, _, type_ = name.rpartition(":")
        near = did_you_mean(
            type_, [each for each in installed(kind) if not _is_extension(type_, each)], cutoff=_MISSPELLED
        )
        if near or where:
            message = f"unknown agent '{name}'{f' on {where}' if where else ''}{near}"
            found.append(LintFinding(resource.origin or START, message, "unknown-agent"))
    return found


def _is_extension(one: str, other: str) -> bool:
    """Return whether one name extends the other (`redis`, `redis-ha`); such names are different agents."""
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
        origin = resource.origin or START
        pairs = _pairs(resource)
        known = {**_pairs(template), **pairs} if template else pairs
        found += _parameters(resource, pairs, agent, origin)
        if not isinstance(resource, Template):
            found += _missing(resource, known, agent, origin)
        found += _actions(resource, agent, origin)
    return found


def agent_resources(resources: Iterable[Element]) -> Iterator[Primitive | Template]:
    """Yield the primitives and templates in `resources`, also those inside of other resources."""
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
    resource: Primitive | Template, pairs: dict[str, NvPair], agent: Agent, origin: Origin
) -> Iterator[LintFinding]:
    parameters = {parameter.name: parameter for parameter in agent.parameters}
    for name, pair in pairs.items():
        pair_origin = pair.origin or origin
        known = parameters.get(name)
        if known is None:
            class_ = agent.name.partition(":")[0]
            foreign = name.startswith(_FOREIGN) or (class_ == "stonith" and name in _FENCING)
            if not foreign and not (class_ == "ocf" and name in _TRACE) and parameters:
                near = did_you_mean(name, parameters)
                message = f"agent {agent.name} has no parameter '{name}' (resource '{resource.id}'){near}"
                yield LintFinding(pair_origin, message, "unknown-parameter")
            continue
        if known.deprecated:
            remedy = f"; use '{known.replaced_by}'" if known.replaced_by else ""
            message = f"parameter '{name}' of agent {agent.name} is deprecated{remedy}"
            yield LintFinding(pair_origin, message, "deprecated-parameter", is_warning=True)
        if (expected := _mistyped(known, pair.value or "")) is not None:
            message = (
                f"invalid value '{pair.value}' for parameter '{name}' of resource '{resource.id}'; "
                f"use {expected}"
            )
            # Metadata has no type for durations: agents that pass them on to Pacemaker say `integer`.
            is_duration = known.type == "integer" and milliseconds(pair.value or "") is not None
            yield LintFinding(pair_origin, message, "wrong-value", is_warning=is_duration)


def _mistyped(parameter: Parameter, value: str) -> str | None:
    """Return what a parameter accepts instead of `value`, None if it accepts the value.

    The metadata of some agents declares a type that the default does not have (`dampen` of ping is an
    integer with the default 5s). Such a type is not applied to other values either.
    """
    if value == parameter.default or (parameter.default and _mistyped_by(parameter, parameter.default)):
        return None
    # `force_unmount` of Filesystem is a boolean that can also be "safe", as its description says.
    if parameter.type == "boolean" and f'"{value}"' in parameter.description:
        return None
    return _mistyped_by(parameter, value)


def _mistyped_by(parameter: Parameter, value: str) -> str | None:
    if parameter.choices and value not in parameter.choices:
        return "one of " + ", ".join(parameter.choices) + did_you_mean(value, parameter.choices)
    read, expected = _KINDS.get(parameter.type, (str, ""))
    return expected if read(value) is None else None


def _missing(
    resource: Primitive | Template, pairs: dict[str, NvPair], agent: Agent, origin: Origin
) -> Iterator[LintFinding]:
    if any(nvset.id_ref for nvset in resource.instance_attributes):
        return  # the referenced set can contain any parameter
    for parameter in agent.parameters:
        name = parameter.name
        has_value = name in pairs or parameter.replaced_by in pairs
        foreign = agent.name.startswith("stonith:") and name in _FENCING
        if parameter.required and not has_value and not foreign and not parameter.deprecated:
            message = f"resource '{resource.id}' requires parameter '{name}'"
            yield LintFinding(origin, message, "missing-parameter")


def _actions(resource: Primitive | Template, agent: Agent, origin: Origin) -> Iterator[LintFinding]:
    known = {action.name for action in agent.actions} | _ALWAYS
    if not agent.actions or resource.operations is None:
        return
    for operation in resource.operations.operations:
        if operation.name not in known:
            near = did_you_mean(operation.name or "", known)
            message = f"agent {agent.name} has no action '{operation.name}' (resource '{resource.id}'){near}"
            yield LintFinding(operation.origin or origin, message, "unknown-action")
