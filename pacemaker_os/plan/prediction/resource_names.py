"""The names of resources: those that a change references, and all names that mean the same service.

A change may name a clone, a constraint the primitive inside it, and the scheduler one instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from lxml import etree

from pacemaker_os.cib.resources import Template
from pacemaker_os.cib.tree.document_names import document_names
from pacemaker_os.cib.tree.text import from_text
from pacemaker_os.cib.tree.vocabulary import RESOURCE_TAGS
from pacemaker_os.plan.diff.change import ConfigChange

_TAGS = (*RESOURCE_TAGS, Template.tag)


def names_in_documents(configuration: etree._Element, removed: Iterable[etree._Element]) -> dict[str, str]:
    """Return the names that documents use for the configured and for the removed resources, by id."""
    before = etree.Element("configuration")
    etree.SubElement(before, "resources").extend(removed)
    return {**document_names(before), **document_names(configuration)}


def unique(*names: Iterable[str]) -> tuple[str, ...]:
    """Return the names in their order without duplicates. The order must be stable for stable causes."""
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def resource_aliases(resources: Iterable[etree._Element]) -> dict[str, tuple[str, ...]]:
    """Return, by the name of each resource, its name, those of its containers, and that of its template."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in resources:
        for each in resource.iter(*_TAGS):
            name = each.get("id", "")
            outer = [str(parent.get("id")) for parent in each.iterancestors() if parent.get("id")]
            template = filter(None, [each.get("template")])
            found[name] = unique(found.get(name, ()), [name], outer, template)
    return found


def referenced_resources(change: ConfigChange) -> Iterable[str]:
    """Return the resources that a change affects directly."""
    elements = [from_text(text) for text in (change.new, change.old) if text is not None]
    if change.section == "resources":
        inside = [_inside(element) for element in elements]
        parts = {detail.path.split(".")[0] for detail in change.details}
        # If only some members of a group change, the effects on the others are triggered by these.
        changed_members = parts if parts and all(parts <= set(names) for names in inside) else ()
        return changed_members or unique(*inside)
    if change.section != "constraints":
        return ()
    sides = [unique(_dependent(element)) for element in elements]
    if len(sides) == 2 and (changed := set(sides[0]) ^ set(sides[1])):
        # The constraint does not change for resources that it names before and after.
        return [name for name in unique(*sides) if name in changed]
    return unique(*sides)


def _inside(element: etree._Element) -> list[str]:
    return [str(each.get("id")) for each in element.iter(*_TAGS)]


def _dependent(constraint: etree._Element) -> Iterator[str]:
    """Yield the resources that a constraint affects: of an order or a colocation, the dependent one."""
    yield from (str(constraint.get(name)) for name in ("rsc", "then") if constraint.get(name))
    yield from (str(each.get("id")) for each in constraint.iter("resource_ref"))
