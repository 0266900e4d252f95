"""What of a configuration belongs in a document: all but what the cluster and its operators keep."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace

from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import (
    CLUSTER_NODE_ATTRIBUTES,
    CLUSTER_PROPERTIES,
    OPERATOR_CONSTRAINTS,
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    OWNER_SET,
    override_meta_within,
    without,
    without_overrides,
)

#: A name that is one whether or not it stands in quotes.
_PLAIN = re.compile(r"[A-Za-z]+[-_.][\w.-]*|[A-Za-z]{6,}")


def exportable(cib: Cib) -> tuple[Cib, tuple[str, ...]]:
    """The configuration without what is kept, and in words what of an operator's was left out."""
    left_out: list[str] = []
    sets = without(
        (nvset for nvset in cib.property_sets if nvset.id != OWNER_SET),
        CLUSTER_PROPERTIES | OPERATOR_PROPERTIES,
    )
    left_out += _operators_properties(cib)
    nodes = []
    for node in cib.nodes:
        for pair in (pair for nvset in node.instance_attributes for pair in nvset.nvpairs):
            if pair.name in OPERATOR_NODE_ATTRIBUTES:
                left_out.append(f"{node.uname} {pair.name} {pair.value}")
        kept = without(node.instance_attributes, OPERATOR_NODE_ATTRIBUTES | CLUSTER_NODE_ATTRIBUTES)
        if kept or node.utilization:
            # Its id is the cluster layer's; people know a node by its name.
            nodes.append(replace(node, id=None if node.uname else node.id, instance_attributes=kept))
    constraints = []
    for constraint in cib.constraints:
        name = str(getattr(constraint, "id", ""))
        if name.startswith(OPERATOR_CONSTRAINTS):
            left_out.append(name)
        else:
            constraints.append(constraint)
    for resource in cib.resources:
        for name, meta in override_meta_within(resource).items():
            left_out += [f"resource {name} {word} {value}" for word, value in meta.items()]
    resources = tuple(map(without_overrides, cib.resources))
    exported = replace(
        cib, property_sets=sets, nodes=tuple(nodes), constraints=tuple(constraints), resources=resources
    )
    return exported, tuple(left_out)


def named(text: str, documents: Collection[str]) -> str:
    """A document's text with the name of the one document that the cluster knows, if it knows one."""
    if len(documents) != 1:
        return text
    name = next(iter(documents))
    quoted = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    return f"name: {quoted}\n\n{text}"


def _operators_properties(cib: Cib) -> list[str]:
    pairs = (pair for nvset in cib.property_sets for pair in nvset.nvpairs)
    return [f"property {pair.name} {pair.value}" for pair in pairs if pair.name in OPERATOR_PROPERTIES]
