"""A graph in the DOT language, drawn from top to bottom in start order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from pacemaker_os.render.graph.boxes import Box, Layout, merged_boxes
from pacemaker_os.render.graph.model import Graph, Unit
from pacemaker_os.render.graph.reduce import Line
from pacemaker_os.status.values import Placement
from pacemaker_os.text import fold

#: Colors of boxes by class (fill, border); svg.py has those for dark pages. The class `node` belongs to dot.
FILLS = {
    "service": ("#f4f7fb", "#5b7594"),
    "stopped": ("#eeeeee", "#9a9a9a"),
    "online": ("#e7f2e6", "#4d7c49"),
    "offline": ("#eeeeee", "#9a9a9a"),
    "stops": ("#fbdcdc", "#b3261e"),
    "moves": ("#fdefcf", "#a06a00"),
    "reduced": ("#fdf8e6", "#a08a40"),
}

#: Line styles by order; a dotted line has only a colocation.
_LINE_STYLES = {"mandatory": "solid", "optional": "dashed", "": "dotted"}

#: Number of names per row in a box of equal services.
_IN_ROW = 3


def to_dot(graph: Graph, layout: Callable[[Graph], Layout] = merged_boxes) -> str:
    """Return a graph as DOT, with the boxes of a layout."""
    found, lines = layout(graph)
    return "\n".join(
        [*_head(graph), *_nodes(graph), *_boxes(graph, found), *_lines(graph, found, lines), "}", ""]
    )


def _head(graph: Graph) -> Iterator[str]:
    yield f"digraph {_quoted(graph.cluster)} {{"
    yield "  graph [rankdir=TB, nodesep=0.25, ranksep=0.35, pad=0.3];"
    yield '  graph [bgcolor="transparent", fontname="sans-serif"];'
    yield f'  label={_quoted(_legend(graph))}; labelloc=b; labeljust=l; fontsize=10; fontcolor="#55606c";'
    yield '  node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=11, margin="0.1,0.05"];'
    yield '  edge [fontname="sans-serif", fontsize=9, color="#5b7594", arrowsize=0.7];'


def _legend(graph: Graph) -> str:
    """Return the meaning of lines and colors, and the length of the critical path."""
    entries = ["line: starts after", "dashed: only if both start", "dot: on the same node"]
    if graph.critical:
        seconds = sum(unit.seconds for unit in graph.units if unit.id in graph.critical)
        duration = f", {seconds:.0f} s at the last start" if seconds >= 1 else ""
        entries.append(f"purple: critical path of a start ({_count(graph.critical)}{duration})")
    if graph.failed_nodes:
        entries.append(
            f"after failure of {fold(graph.failed_nodes)}: "
            "red = stops, amber = moves, yellow = runs with fewer instances"
        )
    return "; ".join(entries)


def _count(critical: tuple[str, ...]) -> str:
    return "1 service" if len(critical) == 1 else f"{len(critical)} services"


def _nodes(graph: Graph) -> Iterator[str]:
    """Yield the nodes of the cluster, in a row at the top, with the services that run only there."""
    yield '  subgraph "cluster nodes" {'
    yield '    label="nodes, with the services that run only there"; labeljust=l; labelloc=t; fontsize=10;'
    yield '    style="rounded"; color="#c0c8d0"; class="frame";'
    for node in graph.nodes:
        alone = [unit.id for unit in graph.units if unit.nodes == {node.name}]
        kind = "stops" if node.name in graph.failed_nodes else "online" if node.online else "offline"
        state = "failed" if node.name in graph.failed_nodes else node.state
        yield "    " + _box(f"node {node.name}", _table([f"{node.name}: {state}"], _rows(alone)), kind)
    yield "  }"


def _boxes(graph: Graph, found: Iterable[Box]) -> Iterator[str]:
    for box in found:
        impact = graph.impacts.get(box.name)
        running = any(unit.placements for unit in box.units)
        kind = impact.impact if impact else "service" if running or not graph.nodes else "stopped"
        critical = {unit.id for unit in box.units} & set(graph.critical)
        yield "  " + _box(box.name, _label(box, graph), kind, thick=bool(critical))


def _label(box: Box, graph: Graph) -> str:
    """Return the label of a box: the names, and their nodes or impact."""
    names = [_name(unit) for unit in box.units]
    rows = [f"{'then ' if number else ''}{name}" for number, name in enumerate(names)]
    bold = rows if box.series else list(_rows(names))
    return _table(bold, [_location(box, graph)])


def _name(unit: Unit) -> str:
    members = f": {' then '.join(unit.members)}" if unit.members else ""
    return f"{unit.id}{members}{f' ({unit.seconds:.0f} s)' if unit.seconds >= 1 else ''}"


def _location(box: Box, graph: Graph) -> str:
    impacts = [graph.impacts[unit.id] for unit in box.units if unit.id in graph.impacts]
    if impacts:
        nodes = fold(node for impact in impacts for node in impact.to)
        why = "; ".join(dict.fromkeys(impact.why for impact in impacts))
        texts = {"stops": f"stops: {why}", "moves": f"moves to {nodes}", "reduced": f"remains on {nodes}"}
        return texts[impacts[0].impact]
    if len({unit.placements for unit in box.units}) > 1:
        return "each on one node"
    return ", ".join(_role(placement) for placement in box.units[0].placements)


def _role(placement: Placement) -> str:
    role = "" if placement.role == "Started" else f"{placement.role} "
    return f"{role}{fold(placement.nodes)}"


def _rows(names: list[str]) -> list[str]:
    return [", ".join(names[at : at + _IN_ROW]) for at in range(0, len(names), _IN_ROW)]


def _table(bold: Iterable[str], small: Iterable[str]) -> str:
    """Return an HTML-like label: names, and details in small letters below."""
    rows = [f"<tr><td>{_escaped(text)}</td></tr>" for text in bold]
    rows += [
        f'<tr><td><font point-size="9" color="#55606c">{_escaped(part)}</font></td></tr>'
        for text in small
        if text
        for part in _wrap(text)
    ]
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{"".join(rows)}</table>>'


def _wrap(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 44)


def _box(name: str, label: str, kind: str, *, thick: bool = False) -> str:
    fill, border = FILLS[kind]
    marks = f'class="{kind}{" critical" if thick else ""}", penwidth={2.6 if thick else 1}'
    color = "#7a3db8" if thick else border
    return f'{_quoted(name)} [label={label}, fillcolor="{fill}", color="{color}", {marks}];'


def _lines(graph: Graph, found: tuple[Box, ...], lines: Iterable[Line]) -> Iterator[str]:
    box_of = {unit.id: box.name for box in found for unit in box.units}
    steps = {(box_of[a], box_of[b]) for a, b in pairwise(graph.critical) if a in box_of and b in box_of}
    ordered = {line.then for line in lines if line.order}
    for line in lines:
        marks = [f"style={_LINE_STYLES[line.order]}"]
        if (line.first, line.then) in steps and line.order:
            marks += ['color="#7a3db8"', "penwidth=2.4", 'class="critical"']
        if not line.order:
            marks += ["arrowhead=none", "constraint=false"]
        if line.colocation:
            marks.append(f'tooltip="{_TOOLTIPS[line.colocation]}"')
        if line.colocation == "mandatory" and line.order:
            marks.append("arrowtail=dot, dir=both")
        if line.colocation == "apart":
            marks += ['color="#b3261e"', 'label="apart"', "arrowhead=tee"]
        yield f"  {_quoted(line.first)} -> {_quoted(line.then)} [{', '.join(marks)}];"
    # Invisible lines place the nodes above the services that start first.
    roots = [box.name for box in found if box.name not in ordered]
    for node, root in zip(graph.nodes * len(roots), roots, strict=False):
        yield f"  {_quoted(f'node {node.name}')} -> {_quoted(root)} [style=invis];"


_TOOLTIPS = {
    "mandatory": "always on the same node",
    "preferred": "preferably on the same node",
    "apart": "never on the same node",
}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
