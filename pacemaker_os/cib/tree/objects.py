"""A configuration's objects, and which of them differ: what two people need to see of each other's change."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree import content


def changed_objects(before: etree._Element, after: etree._Element) -> Iterator[str]:
    """Yield `+`, `~` or `-` with the tag and id of each object that differs between two `<cib>`."""
    olds, news = _objects(before), _objects(after)
    for key in dict.fromkeys([*olds, *news]):
        old, new = olds.get(key), news.get(key)
        if old != new:
            sign = "+" if old is None else "-" if new is None else "~"
            yield f"{sign} {' '.join(key)}"


def _objects(cib: etree._Element) -> dict[tuple[str, str], bytes]:
    sections = content.configuration(cib)
    objects = (element for section in sections for element in section if isinstance(element.tag, str))
    return {(element.tag, element.get("id", "")): content.canonical(element) for element in objects}
