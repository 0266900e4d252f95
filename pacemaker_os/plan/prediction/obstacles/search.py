"""Confirms obstacles: an obstacle is a cause if the scheduler runs the resource without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.prediction.obstacles.obstacle import Obstacle

#: Maximum number of obstacles that are removed one by one, and of those that are removed together.
SINGLES = 12
TOGETHER = 8

#: Returns, for each set of obstacles, whether the resource runs without them; None where that is unknown.
Runs = Callable[[Sequence[Collection[Obstacle]]], Sequence[bool | None]]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The causes of a stopped resource.

    With `all_needed`, it runs only without all of them. Otherwise, it runs without any one of them.
    """

    obstacles: tuple[Obstacle, ...] = ()
    all_needed: bool = False


def confirm(found: Sequence[Obstacle], runs: Runs) -> Confirmed:
    """Return the obstacles that keep a resource stopped, according to simulations without them."""
    candidates = list(found[:SINGLES])
    if not candidates:
        return Confirmed()
    alone = runs([[each] for each in candidates])
    if causes := _true(candidates, alone):
        return Confirmed(tuple(causes))
    together = candidates[:TOGETHER]
    if len(together) < 2 or not runs([together])[0]:
        return Confirmed()
    without = runs([[each for each in together if each is not other] for other in together])
    needed = [each for each, result in zip(together, without, strict=True) if result is False]
    if needed and len(needed) < len(together) and runs([needed])[0]:
        return Confirmed(tuple(needed), all_needed=True)
    return Confirmed(tuple(together), all_needed=True)


def _true(candidates: Iterable[Obstacle], results: Sequence[bool | None]) -> list[Obstacle]:
    return [each for each, result in zip(candidates, results, strict=True) if result]
