"""Changes that no apply made: by pcs, crm, cibadmin or another tool."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from pacemaker_os.cib import Cib
from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.changed_objects import changed_objects
from pacemaker_os.cib.tree.text import to_text
from pacemaker_os.cib.xml import to_element
from pacemaker_os.cluster.observe.applies import Applies
from pacemaker_os.plan.diff.item import Item, items

_SIGNS = {(False, True): "+", (True, True): "~", (True, False): "-"}


def changes_on_top(applies: Applies) -> tuple[str, ...]:
    """Return the changes since the newest write, as `unrecorded_changes`."""
    for step in applies.history.lineage.steps[:1]:
        recorded = step.record.states.configuration(step.state)
        if recorded is not None:
            return unrecorded_changes(recorded, content.configuration(applies.snapshot.cib))
    return ()


def unrecorded_changes(recorded: etree._Element, live: etree._Element) -> tuple[str, ...]:
    """Return `+`, `~` or `-` with the kind and the name of what differs between two configurations.

    Cluster-maintained values and nodes without any attributes do not count: Pacemaker and agents write
    them.
    """
    if content.same(recorded, live):
        return ()
    sides = _items(recorded), _items(live)
    changes = tuple(_changed(*sides))
    if changes:
        return changes
    # What remains are differences outside of objects: comments, order, the ownership record.
    before, after = (_comparable(each, side) for each, side in zip((recorded, live), sides, strict=True))
    return tuple(changed_objects(_cib(before), _cib(after)))


def _items(configuration: etree._Element) -> dict[str, Item]:
    return items(Cib.from_element(configuration))


def _changed(before: dict[str, Item], after: dict[str, Item]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        present = [item for item in (new, old) if item is not None]
        if any(item.managed_by == "cluster" for item in present):
            continue
        if len(present) == 2 and _text(present[0]) == _text(present[1]):
            continue
        item = present[0]
        yield f"{_SIGNS[old is not None, new is not None]} {item.kind} {item.name}"


def _text(item: Item) -> str:
    return to_text(to_element(item.element))


def _comparable(configuration: etree._Element, found: dict[str, Item]) -> etree._Element:
    """Return a copy without cluster-maintained values, and without nodes that have no attributes."""
    result = deepcopy(configuration)
    items_ = (to_element(item.element) for item in found.values() if item.managed_by == "cluster")
    maintained = {each.get("id") for each in items_} - {None}
    for element in list(result.iter()):
        if element.get("id") in maintained:
            _remove(element)
    for nvset in list(result.iterfind("crm_config/*")) + list(result.iterfind("nodes/node/*")):
        if len(nvset) == 0:
            _remove(nvset)
    for node in list(result.iterfind("nodes/node")):
        if len(node) == 0:
            _remove(node)
    return result


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _cib(configuration: etree._Element) -> etree._Element:
    cib = etree.Element("cib")
    cib.append(configuration)
    return cib
