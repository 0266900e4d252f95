"""A graph as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pacemaker_os.render.graph.model import Graph
from pacemaker_os.render.graph.reduce import reduce

#: The version of the format; raised when a key changes its name or meaning.
FORMAT = 2


def to_json(graph: Graph) -> dict[str, Any]:
    """Return nodes, services and relations; `lines` are the relations that do not follow from others."""
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
