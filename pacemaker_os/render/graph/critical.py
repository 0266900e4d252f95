"""The critical path of a start: the chain of ordered services that takes longest to start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pacemaker_os.cib.tree.relations import Relation

#: The duration of a start without a recorded time, in seconds. Without any times, the longest chain wins.
UNKNOWN = 0.001


def critical_path(seconds: Mapping[str, float], relations: Iterable[Relation]) -> tuple[str, ...]:
    """Return the services on the longest path through the orders, in start order.

    `seconds` is the duration of each start. A cycle is cut where it closes. A single service is the whole
    path if it takes longer than every chain; without times and orders, there is no path.
    """
    ahead: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        if relation.kind == "order":
            ahead[relation.then].add(relation.first)
    best: dict[str, tuple[float, tuple[str, ...]]] = {}

    def longest(name: str, above: frozenset[str]) -> tuple[float, tuple[str, ...]]:
        if name not in best:
            paths = (longest(each, above | {name}) for each in sorted(ahead[name]) if each not in above)
            duration, path = max(paths, default=(0.0, ()), key=lambda found: (found[0], len(found[1])))
            best[name] = duration + max(seconds.get(name, 0.0), UNKNOWN), (*path, name)
        return best[name]

    paths = [longest(name, frozenset()) for name in seconds]
    duration, path = max(paths, default=(0.0, ()), key=lambda found: (found[0], len(found[1])))
    return path if duration > UNKNOWN else ()
