"""The reasons for which resources do not run, confirmed by simulations of the CIB without them."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import partial

from lxml import etree

from pacemaker_os.cib.values import role
from pacemaker_os.cluster.scheduler import Scheduler
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.parallel import run_parallel
from pacemaker_os.plan.prediction.obstacles.explain import find_obstacles
from pacemaker_os.plan.prediction.obstacles.obstacle import Obstacle, combined, sentence
from pacemaker_os.plan.prediction.obstacles.search import Confirmed, Runs, confirm
from pacemaker_os.plan.prediction.obstacles.subject import Subject, Surroundings
from pacemaker_os.plan.prediction.simulation import Simulation
from pacemaker_os.status.reason import Reason

#: No simulation for reasons starts later than this, in seconds.
TIME_LIMIT = 2.0

#: The same for plans and checks, whose reader waits longer.
PLAN_TIME_LIMIT = 10.0

#: Number of simulations at the same time, and at most for one status.
WORKERS = 4
SIMULATIONS = 40

#: Actions after which a resource runs, and those after which it is promoted.
_STARTS = frozenset({"start", "recover", "restart", "move", "migrate"})
_PROMOTES = frozenset({"promote", "re-promote"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that does not run, or, with the role Promoted, that is not promoted."""

    resource: str
    role: str = ""


def find_reasons(
    scheduler: Scheduler,
    cib: etree._Element,
    simulation: Simulation,
    wanted: Sequence[Wanted],
    origins: Mapping[str, str],
    limit: float = TIME_LIMIT,
) -> dict[str, Reason]:
    """Return the confirmed reasons by resource; a resource without one is missing.

    `origins` are the positions of objects in documents. Raises nothing: what cannot be simulated is unknown.
    """
    if not wanted:
        return {}
    around, online = Surroundings(cib), [node.name for node in simulation.nodes if node.online]
    running: dict[str, set[str]] = defaultdict(set)
    for state in simulation.resources:
        for node in state.nodes:
            running[node].add(state.name)
    stopped = {each.resource for each in wanted if not each.role}
    trials = Trials(scheduler, cib, limit)
    found: dict[str, Reason] = {}
    for each in wanted:
        subject = Subject(
            resource=each.resource,
            role=each.role,
            around=around,
            stopped=stopped - {each.resource},
            nodes=online,
            running=running,
            loop=_loop(simulation, each.resource),
            now=datetime.now().astimezone(),
        )
        confirmed = confirm(find_obstacles(subject), partial(trials.run, each, loop=bool(subject.loop)))
        if confirmed.obstacles:
            found[each.resource] = _reason(confirmed, origins)
    return found


def _reason(confirmed: Confirmed, origins: Mapping[str, str]) -> Reason:
    first = next((each for each in confirmed.obstacles if each.command), confirmed.obstacles[0])
    objects = tuple(dict.fromkeys(name for each in confirmed.obstacles for name in each.objects))
    origin = next((origins[name] for name in (*first.objects, *objects) if name in origins), "")
    advice = f"declared at {origin}; {first.advice}" if origin and first.advice else first.advice
    return Reason(
        text=sentence(confirmed.obstacles, named=True),
        objects=objects,
        advice=advice or (f"declared at {origin}" if origin else ""),
        origin=origin,
        command=first.command,
        node=first.node,
        all_needed=confirmed.all_needed,
    )


def _loop(simulation: Simulation, resource: str) -> tuple[str, ...]:
    """Return the order loop that the start of a resource waits for, or nothing."""
    actions = (each for each in simulation.actions if each.resource.split(":")[0] == resource)
    return next((each.loop for each in actions if each.loop), ())


class Trials:
    """Simulations of a CIB without obstacles; each set of obstacles is simulated once for all resources."""

    def __init__(self, scheduler: Scheduler, cib: etree._Element, limit: float = TIME_LIMIT) -> None:
        """Prepare trials of a `<cib>` with its status; none starts after `limit`, in seconds."""
        self._scheduler, self._cib, self._deadline = scheduler, cib, time.monotonic() + limit
        self._found: dict[frozenset[str], Simulation | None] = {}

    def run(
        self, wanted: Wanted, sets: Sequence[Collection[Obstacle]], *, loop: bool = False
    ) -> list[bool | None]:
        """Return for each set whether the resource runs without it; None where that is unknown."""
        keys = [frozenset(each.key for each in obstacles) for obstacles in sets]
        new = {key: obstacles for key, obstacles in zip(keys, sets, strict=True) if key not in self._found}
        new = dict(list(new.items())[: max(SIMULATIONS - len(self._found), 0)])
        results = run_parallel(
            lambda each: self._simulate(each, loop=loop), list(new.values()), workers=WORKERS
        )
        self._found |= dict(zip(new, results, strict=True))
        simulations = (self._found.get(key) for key in keys)
        return [None if each is None else comes_up(each, wanted) for each in simulations]

    def of(self, resource: str, role: str) -> Runs:
        """Return the trials of a resource in a role (Promoted, or empty for any)."""
        return partial(self.run, Wanted(resource, role))

    def _simulate(self, obstacles: Iterable[Obstacle], *, loop: bool) -> Simulation | None:
        if time.monotonic() > self._deadline:
            return None
        cib = deepcopy(self._cib)
        combined(obstacles)(cib)
        try:
            return self._scheduler.run_transition(cib) if loop else self._scheduler.run(cib)
        except (ClusterError, TransportError):
            return None


def comes_up(simulation: Simulation, wanted: Wanted) -> bool:
    """Return whether a resource runs (or is promoted) in a simulation, now or after its actions."""
    part_of = {state.name: state.resource for state in simulation.resources}
    verbs = _PROMOTES if wanted.role else _STARTS
    for action in simulation.actions:
        name = action.resource.split(":")[0]
        if action.verb in verbs and not action.blocked and wanted.resource in (name, part_of.get(name)):
            return True
    return any(
        state.active and wanted.resource in (state.name, state.resource)
        for state in simulation.resources
        if not wanted.role or role(state.role) == wanted.role
    )
