"""A graph as JSON can say it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pacemaker_os.render.graph.model import Graph
from pacemaker_os.render.graph.reduce import reduce

#: Raised when something in it changes its name or its meaning.
FORMAT = 2


def to_json(graph: Graph) -> dict[str, Any]:
    """Nodes, services and relations; `lines` are the relations that do not follow from others."""
    return {
        "format": FORMAT,
        "cluster": graph.cluster,
        "nodes": [{"name": node.name, "state": node.state, "kind": node.kind} for node in graph.nodes],
        "services": [asdict(unit) for unit in graph.units],
        "relations": [asdict(relation) for relation in graph.relations],
        "lines": [asdict(line) for line in reduce(graph.relations)],
        "critical_path": list(graph.critical),
        "failed_nodes": list(graph.failed_nodes),
        "impacts": [asdict(impact) for impact in graph.impacts.values()],
    }
