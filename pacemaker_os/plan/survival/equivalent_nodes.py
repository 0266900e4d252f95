"""Remote nodes that are alike: a few of them stand for all, so that hundreds cost no more than a few.

Two remote nodes are alike when everything that the configuration says of one it says of the other: their
attributes, their connections, the devices that fence only them, their fencing levels, and the constraints
that name any of these. Addresses may differ, and whatever else a parameter of a connection or device says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from pacemaker_os.cib.administration import ObjectRef
from pacemaker_os.cib.constraints import ResourceRef
from pacemaker_os.cib.tree.fencing import connections, hosts
from pacemaker_os.cib.tree.vocabulary import NODE_ATTRIBUTES, RESOURCE_ATTRIBUTES

#: Attributes that name one resource or node, and all attributes that may name some.
_NAMES = (*RESOURCE_ATTRIBUTES, *NODE_ATTRIBUTES)
_NAMING = ("id", *_NAMES, "value", "devices")

#: Members of resource sets and tags.
_REFERENCES = (ResourceRef.tag, ObjectRef.tag)


@dataclass(frozen=True, slots=True)
class EquivalentNodes:
    """Remote nodes with the same configuration. The `representatives` are simulated for the `others` too."""

    representatives: tuple[str, ...]
    others: tuple[str, ...]


def collapse_equivalent(cib: etree._Element, keep: int) -> tuple[etree._Element, tuple[EquivalentNodes, ...]]:
    """A copy of a `<cib>` with at most `keep` remote nodes of each kind, and which ones are alike."""
    own = _own(cib)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    marks = _marks(cib, own)
    for name in own:
        groups[marks[name]].append(name)
    found = (names for names in groups.values() if len(names) > 1)
    alike = tuple(EquivalentNodes(tuple(names[:keep]), tuple(names[keep:])) for names in found)
    if not any(each.others for each in alike):
        return cib, alike
    copy = deepcopy(cib)
    _remove(copy, {thing for each in alike for name in each.others for thing in own[name]})
    return copy, alike


def _own(cib: etree._Element) -> dict[str, tuple[str, ...]]:
    """What belongs to each remote node alone: its connection, and devices that are for nobody else."""
    remotes = connections(cib)
    users: dict[str, set[str]] = defaultdict(set)
    for device in cib.iterfind("configuration/resources//primitive[@class='stonith']"):
        users[str(device.get("id"))] |= hosts(device)
    for level in cib.iterfind("configuration/fencing-topology/fencing-level"):
        for device_name in level.get("devices", "").split(","):
            users[device_name].add(level.get("target") or "")
    own: dict[str, list[str]] = {name: [name] for name in remotes}
    for thing, named in users.items():
        if len(named) == 1 and (name := next(iter(named))) in own:
            own[name].append(thing)
    return {name: tuple(things) for name, things in own.items()}


def _marks(cib: etree._Element, own: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What the configuration says of each remote node, its own name and those of its devices left out."""
    owner = {thing: name for name, things in own.items() for thing in things}
    said: dict[str, list[str]] = defaultdict(list)
    for element in _objects(cib):
        for name in {owner[each] for each in _names(element) if each in owner}:
            said[name].append(_shape(element, own[name]))
        for member, words in _memberships(element):
            if member in owner:
                said[owner[member]].append(words)
    for device in cib.iterfind("configuration/resources//primitive[@class='stonith']"):
        if device.get("id") not in owner:
            for name in hosts(device) & own.keys():
                said[name].append(f"fenced by {device.get('id')}")
    return {name: tuple(sorted(said[name])) for name in own}


def _objects(cib: etree._Element) -> Iterator[etree._Element]:
    """Everything that may be said of a remote node, an object at a time."""
    for path in ("nodes/node", "resources/*", "constraints/*", "fencing-topology/*", "tags/*"):
        yield from cib.iterfind(f"configuration/{path}")


def _names(element: etree._Element) -> Iterator[str]:
    """Every name that an object says, except the members of its sets."""
    for each in element.iter():
        if each.tag not in _REFERENCES:
            for attribute in _NAMING:
                yield from each.get(attribute, "").split(",")


def _memberships(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Each member of the sets of an object, with words that are the same for those to whom it is the same."""
    in_turn = element.tag in ("rsc_order", "rsc_colocation")
    for number, holder in enumerate(element.iter("resource_set", "tag")):
        for member in holder.iter(*_REFERENCES):
            name = str(member.get("id"))
            # Where one comes after the other, no two are alike.
            place = name if in_turn and holder.get("sequential") != "false" else ""
            yield name, f"{element.get('id')} {number} {place}"


def _shape(element: etree._Element, own: Sequence[str]) -> str:
    """An object as text, without the ids inside it, and with signs for what is a remote node's own."""
    copy = deepcopy(element)
    if element.tag == "primitive":
        for pair in copy.iterfind("instance_attributes/nvpair"):
            pair.set("value", "")
    for each in copy.iter():
        for attribute, value in each.attrib.items():
            inner = attribute == "id" and each is not copy
            each.set(attribute, "" if inner else _signed(str(value), own))
    return etree.tostring(copy, encoding="unicode", with_tail=False)


def _signed(text: str, own: Sequence[str]) -> str:
    for number, name in enumerate(own):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"@{number}", text)
    return text


def _remove(cib: etree._Element, gone: Collection[str]) -> None:
    """Take what is of remote nodes out of a `<cib>`: whatever names one of `gone` and is about it alone."""
    configuration = cib.find("configuration")
    if configuration is None:
        return
    for path in ("nodes/node", "resources//primitive", "fencing-topology/*", "constraints/*"):
        for element in configuration.findall(path):
            parent = element.getparent()
            if parent is not None and _is_about(element, gone):
                parent.remove(element)
    # Each kind keeps some, so no set becomes empty.
    for each in list(configuration.iter(*_REFERENCES)):
        parent = each.getparent()
        if parent is not None and each.get("id") in gone:
            parent.remove(each)


def _is_about(element: etree._Element, gone: Collection[str]) -> bool:
    if element.tag == "primitive":
        return element.get("id") in gone
    if any(element.get(name) in gone for name in _NAMES):
        return True
    # A rule about one node that is gone says nothing any more.
    return element.tag == "rsc_location" and any(e.get("value") in gone for e in element.iter("expression"))
