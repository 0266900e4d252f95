"""The critical path of a start: the chain of services that each wait for the one before, and take longest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pacemaker_os.cib.tree.relations import Relation

#: What a start counts whose time nobody knows, in seconds: so the longest chain wins where none is known.
UNKNOWN = 0.001


def critical_path(seconds: Mapping[str, float], relations: Iterable[Relation]) -> tuple[str, ...]:
    """The services on the longest way through the orders, in the order in which they start.

    `seconds` is how long each takes; a way that comes back to itself is cut where it does. One alone is
    the whole way when it takes longer than all others together; without times and orders there is none.
    """
    ahead: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        if relation.kind == "order":
            ahead[relation.then].add(relation.first)
    best: dict[str, tuple[float, tuple[str, ...]]] = {}

    def longest(name: str, above: frozenset[str]) -> tuple[float, tuple[str, ...]]:
        if name not in best:
            ways = (longest(each, above | {name}) for each in sorted(ahead[name]) if each not in above)
            took, way = max(ways, default=(0.0, ()), key=lambda found: (found[0], len(found[1])))
            best[name] = took + max(seconds.get(name, 0.0), UNKNOWN), (*way, name)
        return best[name]

    ways = [longest(name, frozenset()) for name in seconds]
    took, way = max(ways, default=(0.0, ()), key=lambda found: (found[0], len(found[1])))
    return way if took > UNKNOWN else ()
