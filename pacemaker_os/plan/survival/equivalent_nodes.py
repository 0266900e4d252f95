"""Equivalent remote nodes: a few representatives are simulated for all, so hundreds cost no more than a few.

Two remote nodes are equivalent if the configuration treats them equally: their node attributes, their
connections, the devices that fence only them, their fencing levels, and the constraints that name any of
these. Addresses and other parameters of a connection or device may differ.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib.administration import ObjectRef
from pacemaker_os.cib.constraints import ResourceRef
from pacemaker_os.cib.tree.fencing import connections, hosts
from pacemaker_os.cib.tree.vocabulary import NODE_ATTRIBUTES, RESOURCE_ATTRIBUTES
from pacemaker_os.dataclass import dataclass

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
    """Return a copy of a `<cib>` with at most `keep` remote nodes of each kind, and the equivalent nodes."""
    own = _own_objects(cib)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    signatures = _signatures(cib, own)
    for name in own:
        groups[signatures[name]].append(name)
    found = (names for names in groups.values() if len(names) > 1)
    equivalent = tuple(EquivalentNodes(tuple(names[:keep]), tuple(names[keep:])) for names in found)
    if not any(each.others for each in equivalent):
        return cib, equivalent
    copy = deepcopy(cib)
    _remove(copy, {identifier for each in equivalent for name in each.others for identifier in own[name]})
    return copy, equivalent


def _own_objects(cib: etree._Element) -> dict[str, tuple[str, ...]]:
    """Return, for each remote node, its connection and the devices that fence no other node."""
    remotes = connections(cib)
    users: dict[str, set[str]] = defaultdict(set)
    for device in cib.iterfind("configuration/resources//primitive[@class='stonith']"):
        users[str(device.get("id"))] |= hosts(device)
    for level in cib.iterfind("configuration/fencing-topology/fencing-level"):
        for device_name in level.get("devices", "").split(","):
            users[device_name].add(level.get("target") or "")
    own: dict[str, list[str]] = {name: [name] for name in remotes}
    for identifier, nodes in users.items():
        if len(nodes) == 1 and (name := next(iter(nodes))) in own:
            own[name].append(identifier)
    return {name: tuple(identifiers) for name, identifiers in own.items()}


def _signatures(cib: etree._Element, own: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return, for each remote node, its configuration as text, with placeholders for its own names."""
    owner = {identifier: name for name, identifiers in own.items() for identifier in identifiers}
    parts: dict[str, list[str]] = defaultdict(list)
    for element in _objects(cib):
        for name in {owner[each] for each in _names(element) if each in owner}:
            parts[name].append(_shape(element, own[name]))
        for member, membership in _memberships(element):
            if member in owner:
                parts[owner[member]].append(membership)
    for device in cib.iterfind("configuration/resources//primitive[@class='stonith']"):
        if device.get("id") not in owner:
            for name in hosts(device) & own.keys():
                parts[name].append(f"fenced by {device.get('id')}")
    return {name: tuple(sorted(parts[name])) for name in own}


def _objects(cib: etree._Element) -> Iterator[etree._Element]:
    """Yield the objects that may name a remote node."""
    for path in ("nodes/node", "resources/*", "constraints/*", "fencing-topology/*", "tags/*"):
        yield from cib.iterfind(f"configuration/{path}")


def _names(element: etree._Element) -> Iterator[str]:
    """Yield every name in an object, except for the members of its sets."""
    for each in element.iter("*"):
        if each.tag not in _REFERENCES:
            for attribute in _NAMING:
                yield from each.get(attribute, "").split(",")


def _memberships(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield each member of the sets of an object, with a text that is equal for equivalent members."""
    has_sequence = element.tag in ("rsc_order", "rsc_colocation")
    for number, holder in enumerate(element.iter("resource_set", "tag")):
        for member in holder.iter(*_REFERENCES):
            name = str(member.get("id"))
            # The members of a sequence are not equivalent.
            position = name if has_sequence and holder.get("sequential") != "false" else ""
            yield name, f"{element.get('id')} {number} {position}"


def _shape(element: etree._Element, own: Sequence[str]) -> str:
    """Return an object as text without inner ids, and with placeholders for a remote node's own names."""
    copy = deepcopy(element)
    if element.tag == "primitive":
        for pair in copy.iterfind("instance_attributes/nvpair"):
            pair.set("value", "")
    for each in copy.iter("*"):
        for attribute, value in each.attrib.items():
            inner_id = attribute == "id" and each is not copy
            each.set(attribute, "" if inner_id else _with_placeholders(str(value), own))
    return etree.tostring(copy, encoding="unicode", with_tail=False)


def _with_placeholders(text: str, own: Sequence[str]) -> str:
    for number, name in enumerate(own):
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"@{number}", text)
    return text


def _remove(cib: etree._Element, removed: Collection[str]) -> None:
    """Remove the objects with the ids `removed` from a `<cib>`, and the objects that are only about them."""
    configuration = cib.find("configuration")
    if configuration is None:
        return
    for path in ("nodes/node", "resources//primitive", "fencing-topology/*", "constraints/*"):
        for element in configuration.findall(path):
            parent = element.getparent()
            if parent is not None and _is_about(element, removed):
                parent.remove(element)
    # No set becomes empty, because some nodes of each kind remain.
    for each in list(configuration.iter(*_REFERENCES)):
        parent = each.getparent()
        if parent is not None and each.get("id") in removed:
            parent.remove(each)


def _is_about(element: etree._Element, removed: Collection[str]) -> bool:
    if element.tag == "primitive":
        return element.get("id") in removed
    if any(element.get(name) in removed for name in _NAMES):
        return True
    # A rule about a removed node never matches.
    return element.tag == "rsc_location" and any(
        e.get("value") in removed for e in element.iter("expression")
    )
