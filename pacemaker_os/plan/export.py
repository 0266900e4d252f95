"""What of a configuration belongs in a document: all but what the cluster and its operators keep."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.nvsets import NvSet
from pacemaker_os.cib.table import layout
from pacemaker_os.plan.kept import (
    CLUSTER_PROPERTIES,
    OPERATOR_CONSTRAINTS,
    OPERATOR_META,
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    OWNER_SET,
    operator_meta,
)

#: A name that is one whether or not it stands in quotes.
_PLAIN = re.compile(r"[A-Za-z]+[-_.][\w.-]*|[A-Za-z]{6,}")

S = TypeVar("S", bound=NvSet)


def exportable(cib: Cib) -> tuple[Cib, tuple[str, ...]]:
    """The configuration without what is kept, and in words what of an operator's was left out."""
    left_out: list[str] = []
    sets = _without(
        (nvset for nvset in cib.property_sets if nvset.id != OWNER_SET),
        CLUSTER_PROPERTIES | OPERATOR_PROPERTIES,
    )
    left_out += _operators_properties(cib)
    nodes = []
    for node in cib.nodes:
        for pair in (pair for nvset in node.instance_attributes for pair in nvset.nvpairs):
            if pair.name in OPERATOR_NODE_ATTRIBUTES:
                left_out.append(f"{node.uname} {pair.name} {pair.value}")
        nodes.append(
            replace(node, instance_attributes=_without(node.instance_attributes, OPERATOR_NODE_ATTRIBUTES))
        )
    constraints = []
    for constraint in cib.constraints:
        name = str(getattr(constraint, "id", ""))
        if name.startswith(OPERATOR_CONSTRAINTS):
            left_out.append(name)
        else:
            constraints.append(constraint)
    resources = tuple(_released(resource, left_out) for resource in cib.resources)
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


def _without(sets: Iterable[S], names: frozenset[str]) -> tuple[S, ...]:
    """The sets without pairs of these names; a set that is empty then goes as well."""
    kept = []
    for nvset in sets:
        pairs = tuple(pair for pair in nvset.nvpairs if pair.name not in names)
        if pairs or len(pairs) == len(nvset.nvpairs):
            kept.append(replace(nvset, nvpairs=pairs))
    return tuple(kept)


def _released(element: Element, left_out: list[str]) -> Element:
    """A resource, and what is inside it, without what an operator keeps in it."""
    changes: dict[str, Any] = {}
    for name, value in operator_meta(element).items():
        left_out.append(f"{element.tag} {getattr(element, 'id', '')} {name} {value}")
        changes["meta_attributes"] = _without(
            changes.get("meta_attributes", getattr(element, "meta_attributes", ())), OPERATOR_META
        )
    for kind in layout(type(element)).children:
        below = getattr(element, kind.field)
        if kind.field in ("members", "child", "primitive") and below:
            changes[kind.field] = (
                tuple(_released(each, left_out) for each in below)
                if kind.many
                else _released(below, left_out)
            )
    return replace(element, **changes) if changes else element
