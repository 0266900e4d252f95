"""Which faults a seed makes. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: What can be broken, and how often relative to the others.
KINDS = {"kill": 4, "pause": 3, "partition": 3, "daemon": 5, "hang": 3, "power-loss": 2}

#: Seconds a fault lasts before it is healed, at least and at most.
LASTS = (5.0, 25.0)

#: Seconds of undisturbed writing before a fault, at least and at most.
CALM = (2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that breaks: `nodes` empty means all. `lasts` and `calm` are seconds."""

    kind: str
    nodes: tuple[str, ...]
    lasts: float
    calm: float


def faults(seed: int, count: int, nodes: Sequence[str]) -> Iterator[Fault]:
    """The faults of a campaign: the same for the same seed. One node at a time, or all by power loss."""
    dice = random.Random(seed)  # repeatable is what it must be
    for _ in range(count):
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        node = dice.choice(list(nodes))
        yield Fault(
            kind,
            () if kind == "power-loss" else (node,),
            round(dice.uniform(*LASTS), 1),
            round(dice.uniform(*CALM), 1),
        )
