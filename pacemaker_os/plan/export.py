"""The part of a configuration that belongs in a document."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace

from pacemaker_os.cib import Cib
from pacemaker_os.cib.overrides import (
    CLUSTER_NODE_ATTRIBUTES,
    CLUSTER_PROPERTIES,
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    is_operator_constraint,
    read_overrides,
    without,
    without_overrides,
)
from pacemaker_os.plan.diff.ownership import OWNER_SET

#: Names that YAML reads as text without quotes.
_PLAIN = re.compile(r"[A-Za-z]+[-_.][\w.-]*|[A-Za-z]{6,}")


def exportable(cib: Cib) -> tuple[Cib, tuple[str, ...]]:
    """Return the configuration that belongs in a document, and descriptions of the skipped overrides.

    Operator overrides and cluster-maintained values do not belong in a document.
    """
    skipped = tuple(override.description for override in read_overrides(cib))
    property_sets = without(
        (nvset for nvset in cib.property_sets if nvset.id != OWNER_SET),
        CLUSTER_PROPERTIES | OPERATOR_PROPERTIES,
    )
    nodes = []
    for node in cib.nodes:
        attributes = without(
            node.instance_attributes, OPERATOR_NODE_ATTRIBUTES.keys() | CLUSTER_NODE_ATTRIBUTES
        )
        if attributes or node.utilization:
            # The cluster layer assigns the id of a node; a document identifies it by its name.
            nodes.append(replace(node, id=None if node.uname else node.id, instance_attributes=attributes))
    exported = replace(
        cib,
        property_sets=property_sets,
        nodes=tuple(nodes),
        constraints=tuple(each for each in cib.constraints if not is_operator_constraint(each)),
        resources=tuple(map(without_overrides, cib.resources)),
    )
    return exported, skipped


def named(text: str, documents: Collection[str]) -> str:
    """Return a document's text with its name, if the cluster has applied exactly one document."""
    if len(documents) != 1:
        return text
    name = next(iter(documents))
    quoted = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    return f"name: {quoted}\n\n{text}"
