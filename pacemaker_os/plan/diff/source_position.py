"""The place in a document that is nearest to what changed: the parameter's line, not its resource's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pacemaker_os.cib import Element
from pacemaker_os.cib.table import layout
from pacemaker_os.document.difference import Difference


def nearest_position(element: Element, changes: Sequence[Difference]) -> str:
    """The place of the first changed pair or operation that the document still says; else empty."""
    named = dict(_named(element))
    for change in changes:
        for word in reversed(change.path.split(".")):
            if change.new is not None and word in named:
                return named[word]
    return ""


def _named(element: Element) -> Iterator[tuple[str, str]]:
    """What has a name inside an element, and where it is said."""
    for kind in layout(type(element)).children:
        below = getattr(element, kind.field)
        for child in below if kind.many else (below,):
            if child is not None:
                yield from _named(child)
                if (name := getattr(child, "name", None)) and child.origin is not None:
                    yield str(name), str(child.origin)
