"""A graph as SVG, through graphviz; it fits light and dark pages."""

from __future__ import annotations

from pacemaker_os.errors import ClusterError, CommandFailed, TransportError
from pacemaker_os.render.graph.dot import FILLS
from pacemaker_os.transport.local import LocalTransport

#: A graph of a thousand clones takes dot several seconds.
TIMEOUT = 120.0

#: The same colours on a dark page (fill, border).
_DARK = {
    "service": ("#1f2a36", "#7f9dbd"),
    "stopped": ("#2a2a2a", "#777777"),
    "online": ("#1d2f1d", "#6fa86a"),
    "offline": ("#2a2a2a", "#777777"),
    "stops": ("#4a1d1b", "#ff8a80"),
    "moves": ("#453413", "#e0a84a"),
    "reduced": ("#39351d", "#c0aa60"),
}


def to_svg(dot: str) -> str:
    """Lay out a DOT text. Raises ClusterError naming the package where graphviz is missing."""
    try:
        drawn = LocalTransport().run(["dot", "-Tsvg"], input=dot.encode(), timeout=TIMEOUT).text
    except CommandFailed as error:
        raise ClusterError(f"graphviz cannot draw this: {error.stderr.strip()}", code="not-drawn") from None
    except TransportError as error:
        if error.code != "no-program":
            raise
        raise ClusterError(
            "graphviz is needed to draw (Debian: apt install graphviz; Fedora: dnf install graphviz); "
            "without it there are --format dot and json",
            code="no-graphviz",
        ) from None
    at = drawn.index("<svg")
    end = drawn.index(">", at) + 1
    return f"{drawn[at:end]}\n<style>{_style()}</style>{drawn[end:]}"


def _style() -> str:
    """Rules for dark pages; what they do not name keeps the colours that graphviz wrote."""
    assert _DARK.keys() == FILLS.keys()
    rules = [
        f".node.{name} path {{ fill: {fill}; stroke: {border} }}" for name, (fill, border) in _DARK.items()
    ]
    rules += [
        ".node text, .cluster text, .graph text { fill: #e6e9ed }",
        ".edge path { stroke: #7f9dbd } .edge polygon, .edge ellipse { fill: #7f9dbd; stroke: #7f9dbd }",
        ".node.critical path, .edge.critical path { stroke: #c79bff }",
        ".edge.critical polygon, .edge.critical ellipse { fill: #c79bff; stroke: #c79bff }",
    ]
    return f"@media (prefers-color-scheme: dark) {{ {' '.join(rules)} }}"
