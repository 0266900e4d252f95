"""What becomes of services when nodes are lost, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from textwrap import wrap

from pacemaker_os.render.graph.model import Graph
from pacemaker_os.text import fold

#: What is said of services to which the same happens: `stops` with why, `moves` with where to.
_SAID = {"stops": "  ! {why}:", "moves": "    moves to {to}:", "reduced": "    runs on, on {to}:"}


def impact_lines(graph: Graph, width: int = 80) -> Iterator[str]:
    """Yield what happens, the worst first, and under it the services to which it does."""
    if not graph.failed_nodes:
        return
    together: dict[str, list[str]] = defaultdict(list)
    for impact in sorted(graph.impacts.values(), key=lambda impact: (impact.rank, impact.service)):
        together[_SAID[impact.impact].format(why=impact.why, to=fold(impact.to))].append(impact.service)
    yield f"Without {fold(graph.failed_nodes)}:"
    if not any(impact.impact == "stops" for impact in graph.impacts.values()):
        yield "    nothing falls"
    for said, services in together.items():
        yield said
        for line in wrap(" ".join(services), width - 8, break_on_hyphens=False):
            yield f"        {line}"
