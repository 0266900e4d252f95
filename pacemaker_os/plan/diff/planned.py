"""The planned configuration: the live one, with the operations done to it and nothing else touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.change import ConfigChange, Step


def planned(cib: etree._Element, operations: Iterable[ConfigChange]) -> etree._Element:
    """A copy of a `<cib>` after the operations.

    Raises Conflict when an operation does not fit: the element is not the one that it was made for.
    """
    result = deepcopy(cib)
    work = _Work(content.configuration(result))
    # Removals come first: what is added may take an id that is still in use.
    for operation in sorted(operations, key=lambda operation: operation.action != "remove"):
        work.perform(operation)
    return result


class _Work:
    """A configuration that is worked on; the children of each place are looked up once."""

    def __init__(self, configuration: etree._Element) -> None:
        self._configuration = configuration
        self._children: dict[etree._Element, dict[tuple[str, str | None], etree._Element]] = {}

    def perform(self, operation: ConfigChange) -> None:
        parent = self._place(operation.parent_path)
        present = self._known(parent)
        new = from_text(operation.new) if operation.new is not None else None
        if operation.old is None:
            if new is not None:
                if _key(new) in present:
                    raise Conflict(f"{_words(operation)} is there already; nothing was written. Plan again")
                parent.append(new)
                present[_key(new)] = new
            return
        old = from_text(operation.old)
        found = present.pop(_key(old), None)
        if found is None or not content.same(found, old):
            message = (
                f"{_words(operation)} is not what the plan was made for; nothing was written. Plan again"
            )
            raise Conflict(message)
        if new is None:
            parent.remove(found)
        else:
            parent.replace(found, new)
            present[_key(new)] = new

    def _place(self, steps: Sequence[Step]) -> etree._Element:
        """The element that the steps lead to; what is missing on the way is made."""
        place = self._configuration
        for tag, attributes in steps:
            known = self._known(place)
            key = (tag, dict(attributes).get("id"))
            if key not in known:
                known[key] = etree.SubElement(place, tag, dict(attributes))
            place = known[key]
        return place

    def _known(self, parent: etree._Element) -> dict[tuple[str, str | None], etree._Element]:
        if parent not in self._children:
            self._children[parent] = {_key(each): each for each in parent if isinstance(each.tag, str)}
        return self._children[parent]


def _key(element: etree._Element) -> tuple[str, str | None]:
    return element.tag, element.get("id")


def _words(operation: ConfigChange) -> str:
    return f"{operation.kind} {operation.name}".strip()
