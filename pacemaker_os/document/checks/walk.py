"""Walk over all elements of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.table import layout
from pacemaker_os.document.checks.finding import START


def all_elements(cib: Cib) -> Iterator[tuple[Any, Origin]]:
    """Yield every element of the configuration with its position."""
    return _walk(cib.objects(), START)


def _walk(elements: Iterable[Element], parent: Origin) -> Iterator[tuple[Any, Origin]]:
    for element in elements:
        origin = element.origin or parent
        yield element, origin
        for kind in layout(type(element)).children:
            value = getattr(element, kind.field)
            if value:
                yield from _walk(value if kind.many else (value,), origin)


def origin_of(element: Element) -> Origin:
    """Return the position of an element, or the start of the document."""
    return element.origin or START
