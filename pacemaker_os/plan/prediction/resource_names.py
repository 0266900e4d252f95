"""Whom a plan speaks of: what an operation names, and what else a resource is called.

An operation may name a clone, a constraint its primitive, the scheduler an instance: all mean one service.
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


def names_in_documents(configuration: etree._Element, gone: Iterable[etree._Element]) -> dict[str, str]:
    """The document's names of what is configured, and of what was."""
    before = etree.Element("configuration")
    etree.SubElement(before, "resources").extend(gone)
    return {**document_names(before), **document_names(configuration)}


def each_once(*names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order in which they come: a cause must be the same each time."""
    return tuple(dict.fromkeys(chain.from_iterable(names)))


def resource_aliases(resources: Iterable[etree._Element]) -> dict[str, tuple[str, ...]]:
    """Of every resource its own name, those around it, and the template that it is made after."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in resources:
        for each in resource.iter(*_TAGS):
            name = each.get("id", "")
            outer = [str(parent.get("id")) for parent in each.iterancestors() if parent.get("id")]
            template = filter(None, [each.get("template")])
            found[name] = each_once(found.get(name, ()), [name], outer, template)
    return found


def referenced_resources(operation: ConfigChange) -> Iterable[str]:
    """The resources that an operation speaks of."""
    elements = [from_text(text) for text in (operation.new, operation.old) if text is not None]
    if operation.section == "resources":
        inside = [_inside(element) for element in elements]
        parts = {detail.path.split(".")[0] for detail in operation.details}
        # Of a group of which one member changes, only that member: the others follow it.
        touched = parts if parts and all(parts <= set(names) for names in inside) else ()
        return touched or each_once(*inside)
    if operation.section != "constraints":
        return ()
    sides = [each_once(_dependent(element)) for element in elements]
    if len(sides) == 2 and (changed := set(sides[0]) ^ set(sides[1])):
        # Whoever a constraint speaks of before and after is told nothing new.
        return [name for name in each_once(*sides) if name in changed]
    return each_once(*sides)


def _inside(element: etree._Element) -> list[str]:
    return [str(each.get("id")) for each in element.iter(*_TAGS)]


def _dependent(constraint: etree._Element) -> Iterator[str]:
    """Of an order or a colocation, the one that depends is the one that something happens to."""
    yield from (str(constraint.get(name)) for name in ("rsc", "then") if constraint.get(name))
    yield from (str(each.get("id")) for each in constraint.iter("resource_ref"))
