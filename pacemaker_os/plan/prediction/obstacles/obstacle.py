"""An obstacle, and the change of a CIB that removes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from lxml import etree

from pacemaker_os.dataclass import dataclass
from pacemaker_os.text import abbreviate

Edit = Callable[[etree._Element], None]

#: The prefix of the ids of elements that an edit adds.
ID = "pcs-os-obstacle"

#: Maximum number of obstacles in a sentence.
_LISTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What may keep a resource from running, or from being promoted.

    `key` identifies the obstacle, and `text` says what it is. With `place`, it concerns single nodes, so that
    it keeps the resource stopped only together with the obstacles of the other nodes. `edit` changes a copy
    of a `<cib>` so that the obstacle is gone. `objects` are the ids of the elements in the configuration.
    `advice`, `command` and `node` resolve the obstacle; the command is an argument list for a cluster node,
    or for `node`.
    """

    key: str
    text: str
    edit: Edit
    place: bool = False
    objects: tuple[str, ...] = ()
    advice: str = ""
    command: tuple[str, ...] = ()
    node: str = ""


def sentence(obstacles: Collection[Obstacle], *, named: bool = False) -> str:
    """Return what obstacles are together; with `named`, the sentence has the ids of all objects."""
    texts = [(each.place, _named(each) if named else each.text) for each in obstacles]
    places = [text for place, text in texts if place]
    parts = [text for place, text in texts if not place]
    if places:
        parts.append(f"no node is allowed ({abbreviate(places, _LISTED, separator='; ')})")
    return abbreviate(list(dict.fromkeys(parts)), _LISTED, separator="; ")


def _named(obstacle: Obstacle) -> str:
    missing = [each for each in obstacle.objects if each not in obstacle.text]
    return f"{obstacle.text}: {abbreviate(missing)}" if missing else obstacle.text


def set_property(cib: etree._Element, name: str, value: str) -> None:
    """Set a cluster property, under all of its names, with precedence over every other set."""
    options = cib.find("configuration/crm_config")
    if options is None:
        return
    for pair in options.findall(f"cluster_property_set/nvpair[@name='{name}']"):
        pair.set("value", value)
    for each in options.findall(f"cluster_property_set[@id='{ID}-{name}']"):
        options.remove(each)
    properties = etree.Element("cluster_property_set", id=f"{ID}-{name}", score="INFINITY")
    etree.SubElement(properties, "nvpair", id=f"{ID}-{name}-value", name=name, value=value)
    options.insert(0, properties)


def remove(elements: Iterable[etree._Element]) -> None:
    """Remove elements from their tree."""
    for element in list(elements):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def remover(path: str, ids: Iterable[str]) -> Edit:
    """Return the edit that removes the elements at a path that have one of the ids."""
    wanted = frozenset(ids)
    return lambda cib: remove(each for each in cib.iterfind(path) if each.get("id") in wanted)


def combined(obstacles: Iterable[Obstacle]) -> Edit:
    """Return the edit that removes all of these obstacles."""
    edits = [each.edit for each in obstacles]

    def edit(cib: etree._Element) -> None:
        for each in edits:
            each(cib)

    return edit
