"""Comments of a CIB. A document has them above the object that contains them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pacemaker_os.cib import Element
from pacemaker_os.cib.resources import Bundle, Group, Primitive
from pacemaker_os.cib.table import layout
from pacemaker_os.document.yaml.plain import Commented, Plain


def with_comments(plain: Plain, *elements: Element) -> Plain:
    """Return `plain` with every comment inside `elements` above it."""
    return add_comments(tuple(comment for element in elements for comment in _within(element)), plain)


def add_comments(comments: tuple[str, ...], plain: Plain) -> Plain:
    """Return `plain` with `comments` above its own; an empty value is not written and gets none."""
    if not comments or not plain:
        return plain
    if isinstance(plain, Commented):
        return Commented(plain.value, (*comments, *plain.comments))
    return Commented(plain, comments)


def _within(element: Element) -> Iterator[str]:
    yield from element.comments
    for child in _children(element):
        # Members of groups and bundles are written with comments of their own.
        if not (isinstance(child, Primitive) and isinstance(element, Group | Bundle)):
            yield from _within(child)


def _children(element: Element) -> Iterable[Element]:
    for kind in layout(type(element)).children:
        value = getattr(element, kind.field)
        yield from value if kind.many else [] if value is None else [value]
