"""Confirmation of causes: an effect is caused by a change if it vanishes without this change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.cluster.planning.prediction import Prediction, PredictionUnavailable
from pacemaker_os.errors import ClusterError, InputError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.prediction.causes import Causes
from pacemaker_os.plan.prediction.effects import Cause, Effect, predict_effects

#: Maximum number of simulations for the causes of one plan.
SIMULATIONS = 8

#: No simulation for causes starts later than this, in seconds.
TIME_LIMIT = 10.0

#: An effect, regardless of the node that the scheduler chooses.
_Key = tuple[str, str, str, str]


def with_confirmed_causes(
    prediction: Prediction, start: etree._Element, effects: Sequence[Effect], causes: Causes
) -> tuple[Effect, ...]:
    """Return the effects with causes that a simulation without the causing change confirms.

    With a single change, or where the effect shows its cause (an added resource starts), nothing is
    simulated. An effect that every simulated change leaves in place is a scheduler decision.
    """
    changes = causes.changes
    uncertain = [each for each in effects if not causes.is_certain(each)]
    if not uncertain or prediction.again is None or not changes:
        return tuple(effects)
    if len(changes) == 1:
        # Without the only change, there is no effect.
        return tuple(
            each if each.cause.change else replace(each, cause=causes.cause_of(changes[0], each))
            for each in effects
        )
    without = _Without(prediction, start, changes)
    guesses = Counter(each.cause.change for each in uncertain if each.cause.change)
    without.simulate(key for key, _ in guesses.most_common())
    refuted = [each for each in uncertain if without.happens(each, each.cause.change) is not False]
    if refuted:
        others = sorted(changes, key=lambda each: (each.section != "resources", each.action != "add"))
        without.simulate(each.key for each in others)
    replaced = {id(each): _other_cause(each, without, causes) for each in uncertain}
    return tuple(replace(each, cause=replaced.get(id(each), each.cause)) for each in effects)


def _other_cause(effect: Effect, without: _Without, causes: Causes) -> Cause:
    key = effect.cause.change
    if without.happens(effect, key) is False or without.is_inseparable(key):
        return effect.cause
    for change in causes.changes:
        if without.happens(effect, change.key) is False:
            return causes.cause_of(change, effect)
    return Cause(effect.reason or "scheduler decision")


class _Without:
    """Simulations of a plan without single changes."""

    def __init__(
        self, prediction: Prediction, start: etree._Element, changes: Sequence[ConfigChange]
    ) -> None:
        self._prediction = prediction
        self._start = start
        self._changes = {change.key: change for change in changes}
        self._deadline = time.monotonic() + TIME_LIMIT
        self._found: dict[str, frozenset[_Key] | None] = {}
        self._inseparable: set[str] = set()

    def simulate(self, keys: Iterable[str]) -> None:
        """Simulate the plan without each of these changes, within the limits."""
        new = [key for key in dict.fromkeys(keys) if key not in self._found and key in self._changes]
        new = new[: max(SIMULATIONS - len(self._found), 0)]
        self._found |= dict(zip(new, run_parallel(self._effects_without, new, workers=2), strict=True))

    def happens(self, effect: Effect, key: str) -> bool | None:
        """Return whether an effect happens without a change, or None if that is unknown."""
        found = self._found.get(key)
        return None if found is None else _key(effect) in found

    def is_inseparable(self, key: str) -> bool:
        """Return whether the other changes are not possible without this one."""
        return key in self._inseparable

    def _effects_without(self, key: str) -> frozenset[_Key] | None:
        if time.monotonic() > self._deadline or self._prediction.again is None:
            return None
        try:
            target = planned(self._start, self._remaining(self._changes[key]))
            after = self._prediction.again(target)
        except (ClusterError, InputError, PredictionUnavailable):
            self._inseparable.add(key)
            return None
        found = predict_effects(self._prediction.before, after)
        return frozenset(map(_key, found.caused))

    def _remaining(self, change: ConfigChange) -> list[ConfigChange]:
        """Return the other changes, without those that name a resource that this change adds."""
        added = _resources(change.new) - _resources(change.old)
        others = [each for each in self._changes.values() if each is not change]
        return [each for each in others if not _mentions(each.new, added)]


def _key(effect: Effect) -> _Key:
    return effect.verb, effect.resource, effect.source, effect.role


def _resources(xml: str | None) -> set[str]:
    if xml is None:
        return set()
    return {str(each.get("id")) for each in from_text(xml).iter(*RESOURCE_TAGS)}


def _mentions(xml: str | None, names: set[str]) -> bool:
    if xml is None or not names:
        return False
    return any(
        not names.isdisjoint(str(value).split(","))
        for each in from_text(xml).iter()
        for value in each.attrib.values()
    )
