"""The impact of node failures on services, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from textwrap import wrap

from pacemaker_os.render.graph.model import Graph
from pacemaker_os.text import fold

#: The title of services with the same impact: `stops` with the reason, `moves` with the target nodes.
_TITLES = {
    "stops": "  ! {why}:",
    "moves": "    move to {to}:",
    "reduced": "    run with fewer instances, on {to}:",
}


def impact_lines(graph: Graph, width: int = 80) -> Iterator[str]:
    """Yield each impact, the worst first, with the affected services."""
    if not graph.failed_nodes:
        return
    services_by_title: dict[str, list[str]] = defaultdict(list)
    for impact in sorted(graph.impacts.values(), key=lambda impact: (impact.rank, impact.service)):
        services_by_title[_TITLES[impact.impact].format(why=impact.why, to=fold(impact.to))].append(
            impact.service
        )
    yield f"After failure of {fold(graph.failed_nodes)}:"
    if not any(impact.impact == "stops" for impact in graph.impacts.values()):
        yield "    no service stops"
    for title, services in services_by_title.items():
        yield title
        for line in wrap(" ".join(services), width - 8, break_on_hyphens=False):
            yield f"        {line}"
