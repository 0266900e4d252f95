"""What becomes of services when nodes are lost, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from textwrap import wrap

from pacemaker_os.render.graph.model import Graph
from pacemaker_os.text import fold

#: What is said of services to which the same happens: `falls` with why, `moves` with where to.
_SAID = {"falls": "  ! {why}:", "moves": "    moves to {to}:", "fewer": "    runs on, on {to}:"}


def impact_lines(graph: Graph, width: int = 80) -> Iterator[str]:
    """Yield what happens, the worst first, and under it the services to which it does."""
    if not graph.failed_nodes:
        return
    together: dict[str, list[str]] = defaultdict(list)
    for fate in sorted(graph.impacts.values(), key=lambda fate: (fate.rank, fate.service)):
        together[_SAID[fate.fate].format(why=fate.why, to=fold(fate.to))].append(fate.service)
    yield f"Without {fold(graph.failed_nodes)}:"
    if not any(fate.fate == "falls" for fate in graph.impacts.values()):
        yield "    nothing falls"
    for said, services in together.items():
        yield said
        for line in wrap(" ".join(services), width - 8, break_on_hyphens=False):
            yield f"        {line}"
