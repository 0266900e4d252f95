"""Removing resources that depend on each other: they are stopped in their order before they are removed.

Pacemaker stops what is no longer configured as well, but all of it at once: the constraints that said the
order, and the group that was one, are gone. So such resources are first given the role Stopped, with
everything else of the plan; they and what binds them are removed when they have stopped.
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
    cib: etree._Element, operations: Iterable[ConfigChange], effects: Iterable[Effect]
) -> tuple[str, ...]:
    """The resources of `cib` to be stopped before they are removed; none where nothing binds them."""
    operations = tuple(operations)
    stopping = {effect.service for effect in effects if effect.verb == "stop"}
    staying = {name for each in operations if each.action == "add" for name in _added(each)}
    removed = {each.name for each in operations if each.section == "resources" and each.action == "remove"}
    tops = [
        top
        for top in cib.iterfind("configuration/resources/*")
        if top.get("id") in removed & stopping and staying.isdisjoint(_ids(top))
    ]
    owner = {name: str(top.get("id")) for top in tops for name in _ids(top)}
    bound = any(top.find(f".//{tag}") is not None or top.tag == tag for top in tops for tag in _BOUND)
    bound = bound or any(
        len({owner[name] for name in _named(constraint) if name in owner}) > 1
        for constraint in cib.iterfind("configuration/constraints/*")
        if constraint.tag in ("rsc_order", "rsc_colocation")
    )
    return tuple(str(top.get("id")) for top in tops) if bound else ()


def with_removals_stopped(
    cib: etree._Element, operations: Sequence[ConfigChange], leaving: Collection[str]
) -> etree._Element:
    """The `<cib>` after all operations but the removal of `leaving`: those are there, and to be Stopped."""
    tops = [top for top in cib.iterfind("configuration/resources/*") if top.get("id") in leaving]
    inside = {name for top in tops for name in _ids(top)}
    now = [each for each in operations if not _waits(each, inside)]
    result = planned(cib, now)
    taken = {str(each.get("id")) for each in content.configuration(result).iterfind(".//*[@id]")}
    for top in result.iterfind("configuration/resources/*"):
        if top.get("id") in leaving:
            _stop(top, taken)
    return result


def _waits(operation: ConfigChange, leaving: Collection[str]) -> bool:
    """Whether an operation has to wait until those that leave have stopped."""
    if operation.is_ownership:
        return True
    if operation.action != "remove" or operation.old is None:
        return False
    if operation.section == "resources":
        return operation.name in leaving or operation.kind == "template"
    names = set(_named(etree.fromstring(operation.old)))
    return operation.section == "constraints" and bool(names) and names <= set(leaving)


def _stop(resource: etree._Element, taken: set[str]) -> None:
    """Give a resource the role Stopped, whatever it says of its role now."""
    said = resource.find("meta_attributes/nvpair[@name='target-role']")
    if said is not None and said.get("value") is not None:
        said.set("value", "Stopped")
        return
    home = next((each for each in resource.iterfind("meta_attributes") if _is_plain(each)), None)
    if home is None:
        home = etree.Element("meta_attributes", id=_free(f"{resource.get('id')}-meta_attributes", taken))
        # Before the resources inside: a group and a clone have no other place for it.
        resource.insert(0, home)
    identifier = _free(f"{home.get('id')}-target-role", taken)
    etree.SubElement(home, "nvpair", id=identifier, name="target-role", value="Stopped")


def _is_plain(nvset: etree._Element) -> bool:
    return nvset.get("id-ref") is None and nvset.find("rule") is None


def _free(identifier: str, taken: set[str]) -> str:
    while identifier in taken:
        identifier += "-stop"
    taken.add(identifier)
    return identifier


def _ids(top: etree._Element) -> set[str]:
    return {str(each.get("id")) for each in top.iter(*RESOURCE_TAGS)}


def _added(operation: ConfigChange) -> Iterator[str]:
    if operation.section == "resources" and operation.new is not None:
        yield from _ids(etree.fromstring(operation.new))


def _named(constraint: etree._Element) -> Iterator[str]:
    """The resources that a constraint speaks of."""
    yield from (str(constraint.get(name)) for name in RESOURCE_ATTRIBUTES if constraint.get(name))
    yield from (str(each.get("id")) for each in constraint.iter("resource_ref"))
