"""A graph as SVG, drawn by graphviz, for light and dark pages."""

from __future__ import annotations

from pacemaker_os.errors import ClusterError, CommandFailed, TransportError
from pacemaker_os.render.graph.dot import FILLS
from pacemaker_os.transport.local import LocalTransport

#: Timeout for dot, in seconds; a graph of a thousand clones takes it several seconds.
TIMEOUT = 120.0

#: The colors for a dark page (fill, border).
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
    """Draw a DOT text. Raises ClusterError with the package to install if graphviz is missing."""
    try:
        drawn = LocalTransport().run(["dot", "-Tsvg"], input=dot.encode(), timeout=TIMEOUT).text
    except CommandFailed as error:
        raise ClusterError(
            f"graphviz cannot draw the graph: {error.stderr.strip()}", code="graphviz-failed"
        ) from None
    except TransportError as error:
        if error.code != "no-program":
            raise
        raise ClusterError(
            "cannot draw SVG: graphviz is not installed (Debian: apt install graphviz; "
            "Fedora: dnf install graphviz); install it, or use --format dot or json",
            code="no-graphviz",
        ) from None
    at = drawn.index("<svg")
    end = drawn.index(">", at) + 1
    return f"{drawn[at:end]}\n<style>{_style()}</style>{drawn[end:]}"


def _style() -> str:
    """Return the rules for dark pages; other elements keep the colors from graphviz."""
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
