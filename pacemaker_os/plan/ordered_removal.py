"""Ordered removal: resources that depend on each other stop in order before they are removed.

Pacemaker also stops resources that are no longer configured, but without an order: the constraints and the
group that defined it are gone. Therefore these resources first get the target-role Stopped, together with
all other changes of the plan. They and their constraints are removed after they have stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from lxml import etree

from pacemaker_os.cib.tree import content
from pacemaker_os.cib.tree.vocabulary import RESOURCE_ATTRIBUTES, RESOURCE_TAGS
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.plan.prediction.effects import Effect

#: Resources whose members depend on each other.
_BOUND = ("group", "bundle")


def stop_before_removal(
    cib: etree._Element,
    changes: Iterable[ConfigChange],
    effects: Iterable[Effect],
    unmanaged: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the resources of `cib` to stop before they are removed; none if they are independent.

    Pacemaker does not stop resources that are `unmanaged` as long as they are configured.
    """
    changes = tuple(changes)
    stopping = {effect.service for effect in effects if effect.verb == "stop"}
    added = {name for each in changes if each.action == "add" for name in _added_ids(each)}
    removed = {each.name for each in changes if each.section == "resources" and each.action == "remove"}
    tops = [
        top
        for top in cib.iterfind("configuration/resources/*")
        if top.get("id") in (removed & stopping).difference(unmanaged)
        and added.isdisjoint(_resource_ids(top))
    ]
    owner = {name: str(top.get("id")) for top in tops for name in _resource_ids(top)}
    bound = any(top.find(f".//{tag}") is not None or top.tag == tag for top in tops for tag in _BOUND)
    bound = bound or any(
        len({owner[name] for name in _constrained(constraint) if name in owner}) > 1
        for constraint in cib.iterfind("configuration/constraints/*")
        if constraint.tag in ("rsc_order", "rsc_colocation")
    )
    return tuple(str(top.get("id")) for top in tops) if bound else ()


def with_removals_stopped(
    cib: etree._Element, changes: Sequence[ConfigChange], removed: Collection[str]
) -> etree._Element:
    """Return the `<cib>` after the changes, but with the `removed` resources kept and set to Stopped."""
    tops = [top for top in cib.iterfind("configuration/resources/*") if top.get("id") in removed]
    inside = {name for top in tops for name in _resource_ids(top)}
    result = planned(cib, [each for each in changes if not _is_deferred(each, inside)])
    used_ids = {str(each.get("id")) for each in content.configuration(result).iterfind(".//*[@id]")}
    for top in result.iterfind("configuration/resources/*"):
        if top.get("id") in removed:
            _set_stopped(top, used_ids)
    return result


def _is_deferred(change: ConfigChange, removed: Collection[str]) -> bool:
    """Return whether a change must wait until the removed resources have stopped."""
    if change.is_ownership:
        return True
    if change.action != "remove" or change.old is None:
        return False
    if change.section == "resources":
        return change.name in removed or change.kind == "template"
    names = set(_constrained(etree.fromstring(change.old)))
    return change.section == "constraints" and bool(names) and names <= set(removed)


def _set_stopped(resource: etree._Element, used_ids: set[str]) -> None:
    """Set the target-role of a resource to Stopped."""
    pairs = [
        pair
        for pair in resource.iterfind("meta_attributes/nvpair[@name='target-role']")
        if pair.get("value") is not None
    ]
    if pairs:
        # Every set: the last one takes precedence, and one with a rule may apply or not.
        for pair in pairs:
            pair.set("value", "Stopped")
        return
    nvset = next((each for each in resource.iterfind("meta_attributes") if _is_plain(each)), None)
    if nvset is None:
        nvset_id = _unused_id(f"{resource.get('id')}-meta_attributes", used_ids)
        nvset = etree.Element("meta_attributes", id=nvset_id)
        # The schema requires the set of a group or clone before the resources inside.
        resource.insert(0, nvset)
    pair_id = _unused_id(f"{nvset.get('id')}-target-role", used_ids)
    etree.SubElement(nvset, "nvpair", id=pair_id, name="target-role", value="Stopped")


def _is_plain(nvset: etree._Element) -> bool:
    return nvset.get("id-ref") is None and nvset.find("rule") is None


def _unused_id(identifier: str, used_ids: set[str]) -> str:
    while identifier in used_ids:
        identifier += "-stop"
    used_ids.add(identifier)
    return identifier


def _resource_ids(top: etree._Element) -> set[str]:
    return {str(each.get("id")) for each in top.iter(*RESOURCE_TAGS)}


def _added_ids(change: ConfigChange) -> Iterator[str]:
    if change.section == "resources" and change.new is not None:
        yield from _resource_ids(etree.fromstring(change.new))


def _constrained(constraint: etree._Element) -> Iterator[str]:
    """Yield the resources that a constraint names."""
    yield from (str(constraint.get(name)) for name in RESOURCE_ATTRIBUTES if constraint.get(name))
    yield from (str(each.get("id")) for each in constraint.iter("resource_ref"))
