"""The effects of a plan on services: the actions of the scheduler with the plan, minus those without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Action, Simulation

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
    `blocked` effect is required, but something prevents it.
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
) -> PredictedEffects:
    """Return the effects of a plan from a simulation without it (`before`) and one with it (`after`).

    `explain` returns the causes of the effects, which are sorted by severity.
    """
    services = _services(before, after)
    pending_keys = {effect.key for effect in _effects(before, services)}
    effects = list(_effects(after, services))
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


def _effects(simulation: Simulation, services: Mapping[str, str]) -> Iterator[Effect]:
    effects = [_effect(action, services) for action in simulation.actions]
    reasons = dict.fromkeys(_cannot_run(simulation), "")
    for effect in effects:
        # A blocked start is reported once, as cannot-run, with the scheduler's reason.
        if effect.blocked and effect.verb == "start" and effect.service in reasons:
            reasons[effect.service] = reasons[effect.service] or effect.reason
        else:
            yield effect
    for service, reason in reasons.items():
        yield Effect("cannot-run", service, service, "", "", reason=reason)


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


def _cannot_run(simulation: Simulation) -> Iterator[str]:
    """Yield the services that should run, but of which no instance runs or will run."""
    starting = {
        action.resource.split(":")[0] for action in simulation.actions if action.node and not action.blocked
    }
    for service, states in _by_service(simulation.resources).items():
        required = [s for s in states if s.target_role != "Stopped" and s.managed and not s.orphaned]
        if not required or any(state.active or state.id.split(":")[0] in starting for state in states):
            continue
        yield service


def _by_service(states: Iterable[ResourceState]) -> dict[str, list[ResourceState]]:
    """Return the instances of each service.

    Members of a group that is not cloned are services of their own. Instances of a clone or bundle can
    replace each other.
    """
    found: dict[str, list[ResourceState]] = {}
    for state in states:
        found.setdefault(state.id.split(":")[0] if not state.parents else state.service, []).append(state)
    return found
