"""The part of a configuration that belongs in a document."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.agent_utilization import templates_of, without_written_utilization
from pacemaker_os.cib.constraints import Location
from pacemaker_os.cib.maintained import (
    LOCATION,
    maintained,
    without_maintained,
    writing_agents,
)
from pacemaker_os.cib.nvsets import PropertySet
from pacemaker_os.cib.overrides import (
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    Override,
    is_operator_constraint,
    read_overrides,
    without,
    without_overrides,
)
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.item import agent_values
from pacemaker_os.plan.diff.ownership import is_record, owned, owned_overrides

#: Names that YAML reads as text without quotes.
_PLAIN = re.compile(r"[A-Za-z]+[-_.][\w.-]*|[A-Za-z]{6,}")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Descriptions of what an export leaves out: operator overrides, and the state of agents."""

    overrides: tuple[str, ...] = ()
    maintained: tuple[str, ...] = ()


def exportable(cib: Cib) -> tuple[Cib, Skipped]:
    """Return the configuration that belongs in a document, and what does not.

    Operator overrides that no document declares and cluster-maintained values do not belong in a document.
    """
    agents, keys = writing_agents(cib.resources), frozenset().union(*owned(cib).values())
    declared = frozenset().union(*owned_overrides(cib).values())
    templates = templates_of(cib.resources)
    skipped = Skipped(
        tuple(each.description for each in read_overrides(cib) if not _is_declared(each, keys, declared)),
        tuple(agent_values(cib)),
    )
    property_sets = without(
        without_maintained(_without_record(cib.property_sets)),
        {name for name in OPERATOR_PROPERTIES if f"property:{name}" not in keys},
    )
    nodes = []
    for node in cib.nodes:
        overrides = {
            name for name in OPERATOR_NODE_ATTRIBUTES if f"node-attribute:{node.uname}:{name}" not in keys
        }
        attributes = without(without_maintained(node.instance_attributes), overrides)
        utilization = without_maintained(node.utilization, agents)
        if attributes or utilization:
            # The cluster layer assigns the id of a node; a document identifies it by its name.
            identifier = None if node.uname else node.id
            nodes.append(
                replace(node, id=identifier, instance_attributes=attributes, utilization=utilization)
            )
    exported = replace(
        cib,
        property_sets=property_sets,
        nodes=tuple(nodes),
        constraints=tuple(
            each
            for each in cib.constraints
            if not _is_undeclared_ban(each, keys) and not _is_maintained_location(each)
        ),
        resources=tuple(
            without_written_utilization(without_overrides(each, declared), templates)
            for each in cib.resources
        ),
    )
    return exported, skipped


def _without_record(sets: Iterable[PropertySet]) -> Iterator[PropertySet]:
    """Yield the sets without the ownership record."""
    for nvset in sets:
        pairs = tuple(pair for pair in nvset.nvpairs if not is_record(nvset, pair))
        if len(pairs) == len(nvset.nvpairs):
            yield nvset
        elif pairs:
            yield replace(nvset, id=None, nvpairs=pairs)


def _is_declared(override: Override, keys: Collection[str], declared: Collection[tuple[str, str]]) -> bool:
    """Return whether a document declares an override."""
    name = override.setting
    own = {f"property:{name}", f"node-attribute:{override.what}:{name}", f"{Location.tag}:{name}"}
    return (override.what, name) in declared or not own.isdisjoint(keys)


def _is_undeclared_ban(element: Element, keys: Collection[str]) -> bool:
    return is_operator_constraint(element) and f"{element.tag}:{getattr(element, 'id', '')}" not in keys


def _is_maintained_location(element: Element) -> bool:
    return element.tag == Location.tag and bool(maintained(LOCATION, str(getattr(element, "id", ""))))


def named(text: str, documents: Collection[str]) -> str:
    """Return a document's text with its name, if the cluster has applied exactly one document."""
    if len(documents) != 1:
        return text
    name = next(iter(documents))
    quoted = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    return f"name: {quoted}\n\n{text}"
