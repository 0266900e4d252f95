"""The objects that differ between two CIBs."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from pacemaker_os.cib.tree import content


def changed_objects(before: etree._Element, after: etree._Element) -> Iterator[str]:
    """Yield `+`, `~` or `-` with the tag and the id of each object that differs between two `<cib>`."""
    old_objects, new_objects = _objects(before), _objects(after)
    for key in dict.fromkeys([*old_objects, *new_objects]):
        old, new = old_objects.get(key), new_objects.get(key)
        if old != new:
            sign = "+" if old is None else "-" if new is None else "~"
            yield f"{sign} {' '.join(key)}"


def _objects(cib: etree._Element) -> dict[tuple[str, str], bytes]:
    sections = content.configuration(cib)
    objects = (element for section in sections for element in section if isinstance(element.tag, str))
    return {(element.tag, element.get("id", "")): content.canonical(element) for element in objects}
