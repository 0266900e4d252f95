"""Services that are fully interrupted although they run on several nodes.

Pacemaker restarts a clone as a whole if its parameters change or if a resource that it depends on restarts:
every instance stops before the first one starts again.
"""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.plan.prediction.effects import Effect
from pacemaker_os.plan.prediction.running import ResourceState

#: Verbs that stop an instance on its node.
_STOPS = frozenset({"restart", "recover", "move", "stop"})

#: Verbs that start the instance again on the same node.
_RESTARTS = frozenset({"restart", "recover"})


def find_fully_interrupted(running: Iterable[ResourceState], effects: Iterable[Effect]) -> tuple[str, ...]:
    """Return the services on several nodes of which all instances stop before one starts, sorted."""
    nodes: dict[str, set[str]] = {}
    for state in running:
        if state.active and state.parents:
            nodes.setdefault(state.service, set()).update(state.nodes)
    stopped: dict[str, set[str]] = {}
    restarted = set()
    for effect in effects:
        if effect.verb in _STOPS and not effect.blocked:
            stopped.setdefault(effect.service, set()).add(effect.source or effect.node)
        if effect.verb in _RESTARTS:
            restarted.add(effect.service)
    return tuple(
        sorted(
            service
            for service in restarted
            if len(nodes.get(service, ())) > 1 and nodes[service] <= stopped.get(service, set())
        )
    )
