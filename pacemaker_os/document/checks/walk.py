"""Walk over the elements of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pacemaker_os.cib import Cib, Element, Origin
from pacemaker_os.cib.table import layout
from pacemaker_os.document.checks.finding import START


def all_elements(cib: Cib) -> Iterator[tuple[Any, Origin, Any]]:
    return _walk(cib.objects(), START, None)


def _walk(elements: Iterable[Element], owner: Origin, above: Element | None) -> Iterator[Any]:
    """Yield (element, its place, its owner)."""
    for element in elements:
        here = element.origin or owner
        yield element, here, above
        for kind in layout(type(element)).children:
            value = getattr(element, kind.field)
            if value:
                yield from _walk(value if kind.many else (value,), here, element)


def origin_of(element: Element) -> Origin:
    return element.origin or START
