"""The planned configuration: the live one after the changes of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.change import ConfigChange, Step


def planned(cib: etree._Element, changes: Iterable[ConfigChange]) -> etree._Element:
    """Return a copy of a `<cib>` after the changes.

    Raises:
        ObjectConflict: An element differs from the one that a change was created for.
    """
    result = deepcopy(cib)
    editor = _Editor(content.configuration(result))
    # An added element may use the id of a removed one.
    for change in sorted(changes, key=lambda change: change.action != "remove"):
        editor.make(change)
    return result


class _Editor:
    """Makes changes in a configuration. It indexes the children of each parent only once."""

    def __init__(self, configuration: etree._Element) -> None:
        self._configuration = configuration
        self._children: dict[etree._Element, dict[tuple[str, str | None], etree._Element]] = {}

    def make(self, change: ConfigChange) -> None:
        parent = self._parent(change.parent_path)
        present = self._indexed(parent)
        new = from_text(change.new) if change.new is not None else None
        if change.old is None:
            if new is not None:
                if _key(new) in present:
                    raise _conflict(change, "was created")
                _insert(parent, new, change.before)
                present[_key(new)] = new
            return
        old = from_text(change.old)
        found = present.pop(_key(old), None)
        if found is None or not content.same(found, old):
            raise _conflict(change, "was changed")
        if new is None:
            parent.remove(found)
        else:
            parent.replace(found, new)
            present[_key(new)] = new

    def _parent(self, path: Sequence[Step]) -> etree._Element:
        """Return the element at a path, and create what is missing of it."""
        parent = self._configuration
        for tag, attributes in path:
            present = self._indexed(parent)
            key = (tag, dict(attributes).get("id"))
            if key not in present:
                present[key] = etree.SubElement(parent, tag, dict(attributes))
            parent = present[key]
        return parent

    def _indexed(self, parent: etree._Element) -> dict[tuple[str, str | None], etree._Element]:
        if parent not in self._children:
            self._children[parent] = {_key(each): each for each in parent if isinstance(each.tag, str)}
        return self._children[parent]


def _insert(parent: etree._Element, new: etree._Element, before: str) -> None:
    """Add an element before the sibling with this id, or as the last one."""
    following = next((each for each in parent if before and each.get("id") == before), None)
    if following is None:
        parent.append(new)
    else:
        following.addprevious(new)


def _key(element: etree._Element) -> tuple[str, str | None]:
    """Return the tag and the id of an element; for a reference to a set, the id of that with a mark."""
    reference = element.get("id-ref")
    return element.tag, element.get("id") if reference is None else f"@{reference}"


class ObjectConflict(Conflict):
    """An object differs from the one that a change was created for."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(
            f"conflict: {name} {reason} in the meantime. Nothing was written; run the command again"
        )


def _conflict(change: ConfigChange, reason: str) -> ObjectConflict:
    return ObjectConflict(f"{change.kind} {change.name}".strip(), reason)
