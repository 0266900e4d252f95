"""The effects of a plan on services: the actions of the scheduler with the plan, minus those without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pacemaker_os.cib.values import role
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.obstacles.explain import UNEXPLAINED, Obstacles
from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import LOOP, Action, Simulation

#: All verbs, the most disruptive first. All but `cannot-run` are crm_simulate's own.
VERBS = (
    "fence",
    "cannot-run",
    "stop",
    "restart",
    "recover",
    "move",
    "demote",
    "re-promote",
    "migrate",
    "promote",
    "reload",
    "start",
)

#: Verbs that interrupt a service, temporarily or permanently.
INTERRUPTING = frozenset(
    {"fence", "cannot-run", "stop", "restart", "recover", "move", "demote", "re-promote"}
)

#: Verbs that can stop a service permanently. They are printed in red.
DANGEROUS = frozenset({"fence", "cannot-run", "stop"})


#: Verbs after which an instance is promoted.
_PROMOTES = frozenset({"promote", "re-promote"})

#: Verbs that stop and start an agent.
_RESTARTS = frozenset({"restart", "recover"})

#: The reason for a resource that is missing in the scheduler's result.
IGNORED = "Pacemaker ignores it as not valid"


def verb_label(verb: str) -> str:
    """Return a verb as a text for people."""
    return "cannot run" if verb == "cannot-run" else verb


@dataclass(frozen=True, slots=True)
class Cause:
    """The cause of an effect.

    `text` is for people. `origin` is a position in a document, or empty. `change` is the key of the change
    that causes the effect, or empty if it is unknown. `triggered_by` is the resource whose own effect
    triggers this one; it is empty if the change causes the effect directly.
    """

    text: str = ""
    origin: str = ""
    change: str = ""
    triggered_by: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on one instance of a resource, or on a node (fence).

    `resource` is the instance as the scheduler names it. `service` is its outermost clone, group or bundle.
    `source` and `node` are the nodes before and after. `role` is the role after the effect, if it has one. A
    `blocked` effect is required, but something prevents it. An `internal` resource is one that Pacemaker made
    for a bundle.
    """

    verb: str
    resource: str
    service: str
    source: str
    node: str
    role: str = ""
    reason: str = ""
    blocked: bool = False
    cause: Cause = Cause()
    internal: bool = False

    @property
    def interrupts(self) -> bool:
        """Whether the effect interrupts the service for its users."""
        return self.verb in INTERRUPTING and not self.blocked

    def to_json(self) -> dict[str, Any]:
        """Return the effect as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Effect:
        """Read the output of `to_json`."""
        return cls(**{**data, "cause": Cause(**data["cause"])})

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the effect, regardless of its cause."""
        return self.verb, self.resource, self.source, self.node, self.role


@dataclass(frozen=True, slots=True)
class PredictedEffects:
    """The effects that a plan causes, and those that are already pending without it."""

    caused: tuple[Effect, ...]
    pending: tuple[Effect, ...]


def _unexplained(effects: Sequence[Effect]) -> Sequence[Cause]:
    return [Cause()] * len(effects)


def predict_effects(
    before: Simulation,
    after: Simulation,
    explain: Callable[[Sequence[Effect]], Sequence[Cause]] = _unexplained,
    obstacles: Obstacles | None = None,
) -> PredictedEffects:
    """Return the effects of a plan from a simulation without it (`before`) and one with it (`after`).

    `explain` returns the causes of the effects, which are sorted by severity. `obstacles` are those of the
    simulated CIB.
    """
    services = _services(before, after)
    internal = {state.id for state in (*before.resources, *after.resources) if state.is_internal}
    pending_keys = {effect.key for effect in _effects(before, services, None)}
    effects = [
        replace(effect, internal=effect.resource in internal)
        for effect in _effects(after, services, obstacles)
    ]
    caused = sorted((effect for effect in effects if effect.key not in pending_keys), key=_severity)
    pending = sorted((effect for effect in effects if effect.key in pending_keys), key=_severity)
    causes = explain(caused)
    explained = (replace(effect, cause=cause) for effect, cause in zip(caused, causes, strict=True))
    return PredictedEffects(tuple(explained), tuple(pending))


def _severity(effect: Effect) -> tuple[int, str, str]:
    rank = VERBS.index(effect.verb) if effect.verb in VERBS else len(VERBS)
    return rank, effect.service, effect.resource


def _services(before: Simulation, after: Simulation) -> dict[str, str]:
    """Return the service of each instance. A removed instance keeps its former service."""
    remaining = (state for state in after.resources if not state.orphaned)
    return {state.id: state.service for state in (*before.resources, *remaining)}


def _effects(
    simulation: Simulation, services: Mapping[str, str], obstacles: Obstacles | None
) -> Iterator[Effect]:
    effects = [_effect(action, services) for action in simulation.actions]
    stopped = list(_cannot_run(simulation, obstacles))
    names = {effect.resource for effect in stopped if not effect.role}
    reasons: dict[str, str] = {}
    part_of = {state.name: state.resource for state in simulation.resources}
    for effect in effects:
        # A blocked start is reported once, as cannot-run, with the scheduler's reason.
        resource = effect.resource.split(":")[0]
        resource = part_of.get(resource, resource)
        if effect.blocked and effect.verb == "start" and resource in names:
            reasons[resource] = reasons.get(resource) or effect.reason
        else:
            yield effect
    restarting = {action.resource.split(":")[0] for action in simulation.actions if action.verb in _RESTARTS}
    online = [node.name for node in simulation.nodes if node.online]
    for effect in stopped:
        reason = effect.reason or ("" if effect.role else reasons.get(effect.resource, ""))
        if obstacles is not None and not reason.startswith(LOOP):
            found = obstacles.explain(effect.resource, effect.role, names, online)
            reason = reason if effect.reason else found or reason
        if effect.role and reason == UNEXPLAINED and effect.resource in restarting:
            # Its agent sets the promotion score only when the restart is complete.
            continue
        yield replace(effect, reason=reason)


def _effect(action: Action, services: Mapping[str, str]) -> Effect:
    resource = action.resource
    name = resource if resource in services else resource.split(":")[0]
    return Effect(
        verb=action.verb,
        resource=resource or action.node,
        service=services.get(name, name) or action.node,
        source=action.source,
        node=action.node,
        role=action.role,
        reason=action.reason,
        blocked=action.blocked,
    )


def _cannot_run(simulation: Simulation, obstacles: Obstacles | None) -> Iterator[Effect]:
    """Yield the resources that should run, but of which no instance does, and those that no node promotes."""
    starting = {
        action.resource.split(":")[0] for action in simulation.actions if action.node and not action.blocked
    }
    promoted = {
        action.resource.split(":")[0]
        for action in simulation.actions
        if (action.verb in _PROMOTES or (action.node and role(action.role) == "Promoted"))
        and not action.blocked
    }
    found = _by_resource(simulation.resources)
    for resource, states in found.items():
        service = states[0].service
        required = [state for state in states if state.managed and not state.orphaned]
        wanted = {role(state.target_role) for state in required}
        if not wanted - {"Stopped"}:
            continue
        if not any(state.active or state.name in starting for state in states):
            yield Effect("cannot-run", resource, service, "", "")
        elif (
            states[0].promotable
            and wanted - {"Stopped", "Unpromoted"}
            and resource not in promoted
            and not any(state.active and role(state.role) == "Promoted" for state in states)
            and (obstacles is None or obstacles.allows_promotion(resource))
        ):
            yield Effect("cannot-run", resource, service, "", "", role="Promoted")
    if obstacles is not None:
        for resource, service in obstacles.ignored(found, simulation.containers):
            yield Effect("cannot-run", resource, service, "", "", reason=IGNORED)


def _by_resource(states: Iterable[ResourceState]) -> dict[str, list[ResourceState]]:
    """Return the instances of each resource, which can replace each other."""
    found: dict[str, list[ResourceState]] = {}
    for state in states:
        found.setdefault(state.resource, []).append(state)
    return found
