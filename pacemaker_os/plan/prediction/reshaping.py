"""Resources that a plan reshapes: it removes them in one shape and adds them in another one.

Pacemaker sees a removal and an addition, but for an operator, the resource joins a group or becomes a clone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.values import boolean
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.change import ConfigChange

_CLONES = ("clone", "master", "bundle")


@dataclass(frozen=True, slots=True)
class Reshaping:
    """The new shape of a primitive as a text, the change that adds it, and the keys of all its changes."""

    text: str
    change: ConfigChange
    keys: frozenset[str]


def find_reshaped(changes: Iterable[ConfigChange], names: Mapping[str, str]) -> dict[str, Reshaping]:
    """Return the new shape of each primitive whose shape changes; `names` are those in documents."""
    old, new = dict[str, _Shape](), dict[str, _Shape]()
    for change in changes:
        if change.section == "resources":
            for found, text in ((old, change.old), (new, change.new)):
                element = None if text is None else from_text(text)
                for primitive in () if element is None else element.iter("primitive"):
                    found[str(primitive.get("id"))] = _Shape(primitive, change)
    return {
        name: Reshaping(text, new[name].change, frozenset({old[name].change.key, new[name].change.key}))
        for name in old.keys() & new.keys()
        if (text := _describe(name, old[name], new[name], names))
    }


class _Shape:
    """A primitive with the group and the clone or bundle around it."""

    def __init__(self, primitive: etree._Element, change: ConfigChange) -> None:
        self.change = change
        around = list(primitive.iterancestors())
        self.group = next((str(each.get("id")) for each in around if each.tag == "group"), "")
        self.clone = next((each for each in around if each.tag in _CLONES), None)

    @property
    def clone_id(self) -> str:
        """The id of the clone or bundle, or an empty text."""
        return "" if self.clone is None else str(self.clone.get("id"))

    @property
    def clone_kind(self) -> str:
        """The kind of the clone or bundle, or an empty text."""
        if self.clone is None or self.clone.tag == "bundle":
            return "" if self.clone is None else "bundle"
        meta = self.clone.iterfind("meta_attributes/nvpair")
        pairs = {pair.get("name"): pair.get("value", "") for pair in meta}
        promotable = self.clone.tag == "master" or boolean(pairs.get("promotable", "")) is True
        return "promotable clone" if promotable else "clone"


def _describe(name: str, old: _Shape, new: _Shape, names: Mapping[str, str]) -> str:
    title = names.get(name, name)
    if old.group and new.group and old.group != new.group:
        return f"{title} moves from group {old.group} to group {new.group}"
    if old.group != new.group:
        return f"{title} joins group {new.group}" if new.group else f"{title} leaves group {old.group}"
    subject = new.group or title
    if old.clone_kind == new.clone_kind:
        return "" if old.clone_id == new.clone_id else f"{subject} moves to {new.clone_kind} {new.clone_id}"
    if new.clone_kind:
        return f"{subject} becomes a {new.clone_kind}"
    return f"{subject} is no longer a {old.clone_kind}"
