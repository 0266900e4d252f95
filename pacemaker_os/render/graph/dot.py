"""A graph in the DOT language, laid out to be read from above: what starts first stands higher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from pacemaker_os.render.graph.boxes import Box, Layout, folded
from pacemaker_os.render.graph.model import Graph, Unit
from pacemaker_os.render.graph.reduce import Line
from pacemaker_os.status.values import Placement
from pacemaker_os.text import fold

#: Colours of boxes by class (fill, border); svg.py has them again for dark pages. (`node` is dot's own.)
FILLS = {
    "service": ("#f4f7fb", "#5b7594"),
    "stopped": ("#eeeeee", "#9a9a9a"),
    "online": ("#e7f2e6", "#4d7c49"),
    "offline": ("#eeeeee", "#9a9a9a"),
    "stops": ("#fbdcdc", "#b3261e"),
    "moves": ("#fdefcf", "#a06a00"),
    "reduced": ("#fdf8e6", "#a08a40"),
}

#: How lines are drawn: order mandatory or optional, and by where.
_AFTER = {"mandatory": "solid", "optional": "dashed", "": "dotted"}

#: How many names stand in a row of a box of services that are alike.
_IN_ROW = 3


def to_dot(graph: Graph, layout: Callable[[Graph], Layout] = folded) -> str:
    """The picture of a graph, in the boxes that a layout puts it in."""
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
    """What the lines and colours mean, and how long the critical path is."""
    words = ["line: starts after", "dashed: only when both start", "dot: on the same node"]
    if graph.critical:
        seconds = sum(unit.seconds for unit in graph.units if unit.id in graph.critical)
        took = f", {seconds:.0f} s when last started" if seconds >= 1 else ""
        words.append(f"purple: the critical path of a start ({_count(graph.critical)}{took})")
    if graph.failed_nodes:
        words.append(f"without {fold(graph.failed_nodes)}: red falls, amber moves, yellow runs on elsewhere")
    return "; ".join(words)


def _count(critical: tuple[str, ...]) -> str:
    return "1 service" if len(critical) == 1 else f"{len(critical)} services"


def _nodes(graph: Graph) -> Iterator[str]:
    """The nodes of the cluster in a row on top, with what runs on each alone."""
    yield '  subgraph "cluster nodes" {'
    yield '    label="nodes, with what runs there and nowhere else"; labeljust=l; labelloc=t; fontsize=10;'
    yield '    style="rounded"; color="#c0c8d0"; class="frame";'
    for node in graph.nodes:
        alone = [unit.id for unit in graph.units if unit.nodes == {node.name}]
        kind = "stops" if node.name in graph.failed_nodes else "online" if node.online else "offline"
        state = "lost" if node.name in graph.failed_nodes else node.state
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
    """The names, and where they run or what becomes of them."""
    names = [_name(unit) for unit in box.units]
    rows = [f"{'then ' if number else ''}{name}" for number, name in enumerate(names)]
    bold = rows if box.series else list(_rows(names))
    return _table(bold, [_place(box, graph)])


def _name(unit: Unit) -> str:
    members = f": {' then '.join(unit.members)}" if unit.members else ""
    return f"{unit.id}{members}{f' ({unit.seconds:.0f} s)' if unit.seconds >= 1 else ''}"


def _place(box: Box, graph: Graph) -> str:
    impacts = [graph.impacts[unit.id] for unit in box.units if unit.id in graph.impacts]
    if impacts:
        where = fold(node for impact in impacts for node in impact.to)
        why = "; ".join(dict.fromkeys(impact.why for impact in impacts))
        return {"stops": f"falls: {why}", "moves": f"moves to {where}", "reduced": f"stays on {where}"}[
            impacts[0].impact
        ]
    if len({unit.placements for unit in box.units}) > 1:
        return "each on one node"
    return ", ".join(_role(placement) for placement in box.units[0].placements)


def _role(placement: Placement) -> str:
    role = "" if placement.role == "Started" else f"{placement.role} "
    return f"{role}{fold(placement.nodes)}"


def _rows(names: list[str]) -> list[str]:
    return [", ".join(names[at : at + _IN_ROW]) for at in range(0, len(names), _IN_ROW)]


def _table(bold: Iterable[str], small: Iterable[str]) -> str:
    """An HTML-like label: names, and below them what is said of them."""
    rows = [f"<tr><td>{_escaped(text)}</td></tr>" for text in bold]
    rows += [
        f'<tr><td><font point-size="9" color="#55606c">{_escaped(part)}</font></td></tr>'
        for text in small
        if text
        for part in _broken(text)
    ]
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{"".join(rows)}</table>>'


def _broken(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 44)


def _box(name: str, label: str, kind: str, *, thick: bool = False) -> str:
    fill, border = FILLS[kind]
    marks = f'class="{kind}{" critical" if thick else ""}", penwidth={2.6 if thick else 1}'
    color = "#7a3db8" if thick else border
    return f'{_quoted(name)} [label={label}, fillcolor="{fill}", color="{color}", {marks}];'


def _lines(graph: Graph, found: tuple[Box, ...], lines: Iterable[Line]) -> Iterator[str]:
    home = {unit.id: box.name for box in found for unit in box.units}
    steps = {(home[a], home[b]) for a, b in pairwise(graph.critical) if a in home and b in home}
    led = {line.then for line in lines if line.after}
    for line in lines:
        marks = [f"style={_AFTER[line.after]}"]
        if (line.first, line.then) in steps and line.after:
            marks += ['color="#7a3db8"', "penwidth=2.4", 'class="critical"']
        if not line.after:
            marks += ["arrowhead=none", "constraint=false"]
        if line.beside:
            marks.append(f'tooltip="{_SAID[line.beside]}"')
        if line.beside == "mandatory" and line.after:
            marks.append("arrowtail=dot, dir=both")
        if line.beside == "apart":
            marks += ['color="#b3261e"', 'label="apart"', "arrowhead=tee"]
        yield f"  {_quoted(line.first)} -> {_quoted(line.then)} [{', '.join(marks)}];"
    # The nodes stand above whatever begins.
    roots = [box.name for box in found if box.name not in led]
    for node, root in zip(graph.nodes * len(roots), roots, strict=False):
        yield f"  {_quoted(f'node {node.name}')} -> {_quoted(root)} [style=invis];"


_SAID = {
    "mandatory": "always on the same node",
    "preferred": "preferably on the same node",
    "apart": "never on one node",
}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
