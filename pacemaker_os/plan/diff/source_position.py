"""The position in a document of what changed: the line of the parameter instead of its resource."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pacemaker_os.cib import Element
from pacemaker_os.cib.table import layout
from pacemaker_os.document.difference import Difference


def nearest_position(element: Element, differences: Sequence[Difference]) -> str:
    """Return the position of the first changed pair or operation that the document declares, or ""."""
    positions = dict(_positions(element))
    for difference in differences:
        for name in reversed(difference.path.split(".")):
            if difference.new is not None and name in positions:
                return positions[name]
    return ""


def _positions(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the names of the parts of an element, each with its position."""
    for spec in layout(type(element)).children:
        inside = getattr(element, spec.field)
        for child in inside if spec.many else (inside,):
            if child is not None:
                yield from _positions(child)
                if (name := getattr(child, "name", None)) and child.origin is not None:
                    yield str(name), str(child.origin)
