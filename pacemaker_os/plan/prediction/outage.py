"""Which services serve nowhere for a moment, though they run on several nodes.

Pacemaker restarts a clone whose parameters change, or whose lead restarts, as a whole: every instance has
stopped before the first starts again.
"""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.prediction.running import ResourceState

#: What ends an instance that another, or the same, is started for.
_ENDS = frozenset({"restart", "recover", "move", "stop"})

_RETURNS = frozenset({"restart", "recover"})


def find_fully_interrupted(running: Iterable[ResourceState], effects: Iterable[Effect]) -> tuple[str, ...]:
    """The services on several nodes all of whose instances stop before one starts, sorted."""
    nodes: dict[str, set[str]] = {}
    for state in running:
        if state.active and state.parents:
            nodes.setdefault(state.service, set()).update(state.nodes)
    ended: dict[str, set[str]] = {}
    returning = set()
    for effect in effects:
        if effect.verb in _ENDS and not effect.blocked:
            ended.setdefault(effect.service, set()).add(effect.source or effect.node)
        if effect.verb in _RETURNS:
            returning.add(effect.service)
    return tuple(
        sorted(
            service
            for service in returning
            if len(nodes.get(service, ())) > 1 and nodes[service] <= ended.get(service, set())
        )
    )
