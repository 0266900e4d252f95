"""What a plan does to running services: the scheduler's actions with it, less those without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pacemaker_os.plan.prediction.running import ResourceState
from pacemaker_os.plan.prediction.simulation import Action, Simulation

#: Every verb, the ones that hurt most first. All but the last are the scheduler's own words.
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

#: Verbs that take a service away from its users, for good or for a moment.
INTERRUPTING = frozenset(
    {"fence", "cannot-run", "stop", "restart", "recover", "move", "demote", "re-promote"}
)

#: Verbs that may take a service away for good: they are shown in red.
DANGEROUS = frozenset({"fence", "cannot-run", "stop"})


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something happens. `text` is for people; `origin` is a place in a document, or empty.

    `change` is the key of the operation behind it, empty when none was found. `triggered_by` is the name of
    the resource to which something happens first; empty where the operation has the effect by itself.
    """

    text: str = ""
    origin: str = ""
    change: str = ""
    triggered_by: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that will happen to one instance of a resource (or, for fence, to a node).

    `resource` is the instance as the scheduler names it, `service` what people call the whole
    (its outermost clone, group or bundle). `role` is the role that it ends in, where it has roles.
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
        """Whether users of the service can notice."""
        return self.verb in INTERRUPTING and not self.blocked

    def to_json(self) -> dict[str, Any]:
        """The effect as JSON can say it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Effect:
        """Read what `to_json` wrote."""
        return cls(**{**data, "cause": Cause(**data["cause"])})

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two effects the same effect, whatever caused them."""
        return self.verb, self.resource, self.source, self.node, self.role


@dataclass(frozen=True, slots=True)
class PredictedEffects:
    """`caused` comes of the plan; `pending` would happen without it just so."""

    caused: tuple[Effect, ...]
    pending: tuple[Effect, ...]


def _unexplained(effects: Sequence[Effect]) -> Sequence[Cause]:
    return [Cause()] * len(effects)


def predict_effects(
    before: Simulation,
    after: Simulation,
    explain: Callable[[Sequence[Effect]], Sequence[Cause]] = _unexplained,
) -> PredictedEffects:
    """Subtract what the scheduler would do anyway from what it will do with the plan.

    `explain` gives the causes of what the plan does, which it gets in the order of how much it hurts.
    """
    services = _services(before, after)
    anyway = {effect.key for effect in _effects(before, services)}
    effects = list(_effects(after, services))
    caused = sorted((effect for effect in effects if effect.key not in anyway), key=_severity)
    pending = sorted((effect for effect in effects if effect.key in anyway), key=_severity)
    causes = explain(caused)
    explained = (replace(effect, cause=cause) for effect, cause in zip(caused, causes, strict=True))
    return PredictedEffects(tuple(explained), tuple(pending))


def _severity(effect: Effect) -> tuple[int, str, str]:
    rank = VERBS.index(effect.verb) if effect.verb in VERBS else len(VERBS)
    return rank, effect.service, effect.resource


def _services(before: Simulation, after: Simulation) -> dict[str, str]:
    """What people call the whole that an instance belongs to; what is removed is still called what it was."""
    left = (state for state in after.resources if not state.orphaned)
    return {state.id: state.service for state in (*before.resources, *left)}


def _effects(simulation: Simulation, services: Mapping[str, str]) -> Iterator[Effect]:
    effects = [_effect(action, services) for action in simulation.actions]
    stopped = dict.fromkeys(_left_stopped(simulation), "")
    for effect in effects:
        # What may not start is told once, as left stopped, with the scheduler's reason.
        if effect.blocked and effect.verb == "start" and effect.service in stopped:
            stopped[effect.service] = stopped[effect.service] or effect.reason
        else:
            yield effect
    for service, reason in stopped.items():
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


def _left_stopped(simulation: Simulation) -> Iterator[str]:
    """Services of which nothing runs, and nothing will, although nobody asked for that."""
    moving = {
        action.resource.split(":")[0] for action in simulation.actions if action.node and not action.blocked
    }
    for service, states in _by_service(simulation.resources).items():
        wanted = [s for s in states if s.target_role != "Stopped" and s.managed and not s.orphaned]
        if not wanted or any(state.active or state.id.split(":")[0] in moving for state in states):
            continue
        yield service


def _by_service(states: Iterable[ResourceState]) -> dict[str, list[ResourceState]]:
    """A group's members stand for themselves; a clone's and a bundle's instances stand for each other."""
    found: dict[str, list[ResourceState]] = {}
    for state in states:
        found.setdefault(state.id.split(":")[0] if not state.parents else state.service, []).append(state)
    return found
