"""Generate the faults of a seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Kinds of faults, and their relative frequency.
KINDS = {"kill": 4, "pause": 3, "partition": 3, "daemon": 5, "hang": 3, "power-loss": 2}

#: Minimum and maximum duration of a fault, in seconds.
LASTS = (5.0, 25.0)

#: Minimum and maximum time of writes before a fault, in seconds.
CALM = (2.0, 8.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. If `nodes` is empty, it affects all nodes. `lasts` and `calm` are in seconds."""

    kind: str
    nodes: tuple[str, ...]
    lasts: float
    calm: float


def faults(seed: int, count: int, nodes: Sequence[str]) -> Iterator[Fault]:
    """Return the faults of a campaign. Each affects one node, or all nodes if it is a power loss."""
    dice = random.Random(seed)  # must be repeatable
    for _ in range(count):
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        node = dice.choice(list(nodes))
        yield Fault(
            kind,
            () if kind == "power-loss" else (node,),
            round(dice.uniform(*LASTS), 1),
            round(dice.uniform(*CALM), 1),
        )
