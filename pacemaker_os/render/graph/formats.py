"""A graph in each output format."""

from __future__ import annotations

import json
from collections.abc import Callable

from pacemaker_os.render.graph.boxes import Layout
from pacemaker_os.render.graph.data import to_json
from pacemaker_os.render.graph.dot import to_dot
from pacemaker_os.render.graph.model import Graph
from pacemaker_os.render.graph.svg import to_svg


def format_graph(graph: Graph, form: str, layout: Callable[[Graph], Layout]) -> str:
    """Return a graph as `dot`, `svg` or `json`. Raises ClusterError if graphviz is required and missing."""
    return _FORMS[form](graph, layout)


def _json(graph: Graph, _: object) -> str:
    return json.dumps(to_json(graph), ensure_ascii=False, indent=2) + "\n"


def _svg(graph: Graph, layout: Callable[[Graph], Layout]) -> str:
    return to_svg(to_dot(graph, layout))


_FORMS: dict[str, Callable[[Graph, Callable[[Graph], Layout]], str]] = {
    "dot": to_dot,
    "svg": _svg,
    "json": _json,
}
