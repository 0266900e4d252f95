"""Operator overrides in a configuration.

An operator override is a temporary setting by an operator: standby, maintenance mode, a stopped or
unmanaged resource, or a constraint that a ban or move created. A document that does not declare an
override leaves it unchanged, and `pcs-os export` skips it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pacemaker_os.cib.configuration import Cib
from pacemaker_os.cib.constraints import Location
from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import NvPair, NvSet, ranked
from pacemaker_os.cib.resources import Template
from pacemaker_os.cib.rules import DateExpression, Expression, Rule
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.tree.vocabulary import RESOURCE_CLASSES
from pacemaker_os.cib.values import boolean, role, score

S = TypeVar("S", bound=NvSet)

#: Properties that are operator overrides. Both are booleans.
OPERATOR_PROPERTIES = frozenset({"maintenance-mode", "stop-all-resources"})

#: Node attributes that are operator overrides, with the kind of each. Both are booleans.
OPERATOR_NODE_ATTRIBUTES = {"standby": "standby", "maintenance": "node-maintenance"}

#: Meta attributes of resources that are operator overrides.
OPERATOR_META = frozenset({"target-role", "is-managed", "maintenance"})

#: Prefixes of the ids of constraints that `crm_resource` and `pcs` create for a ban or a move.
OPERATOR_CONSTRAINTS = ("cli-ban-", "cli-prefer-", "cli-standby-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An operator override.

    `kind` is one of ban, prefer, stopped, unpromoted, unmanaged, maintenance, standby, node-maintenance,
    maintenance-mode, stop-all-resources or ticket. It is empty if the setting has no effect, as with the
    target-role Started. `what` is the resource, node or ticket. `node` is the node of a ban or preference,
    and `until` the time when it expires (empty: never). `setting` is the name of the property, attribute or
    constraint, and `description` is a text for people.
    """

    kind: str
    what: str = ""
    node: str = ""
    until: str = ""
    setting: str = field(default="", compare=False)
    description: str = field(default="", compare=False)

    def to_json(self) -> dict[str, str]:
        """Return the override as JSON data."""
        return {"kind": self.kind, "what": self.what, "node": self.node, "until": self.until}


def read_overrides(cib: Cib) -> Iterator[Override]:
    """Yield every override in a configuration. Where a name is set twice, only the effective one counts."""
    for pair in _effective_pairs(cib.property_sets):
        if pair.name in OPERATOR_PROPERTIES:
            yield property_override(pair)
    for node in cib.nodes:
        for pair in _effective_pairs(node.instance_attributes):
            if pair.name in OPERATOR_NODE_ATTRIBUTES:
                yield node_override(node.uname or "", pair)
    for resource in cib.resources:
        yield from resource_overrides(resource)
    for constraint in cib.constraints:
        if is_operator_constraint(constraint):
            yield constraint_override(constraint)


def property_override(pair: NvPair) -> Override:
    """Return the override of a cluster property."""
    name, value = pair.name or "", pair.value or ""
    return Override(
        kind=name if boolean(value) else "",
        setting=name,
        description=f"property {name} {value}".strip(),
    )


def node_override(node: str, pair: NvPair) -> Override:
    """Return the override of a node attribute."""
    name, value = pair.name or "", pair.value or ""
    return Override(
        kind=OPERATOR_NODE_ATTRIBUTES[name] if boolean(value) else "",
        what=node,
        setting=name,
        description=f"node attribute {node} {name} {value}".strip(),
    )


def resource_overrides(element: Element) -> Iterator[Override]:
    """Yield the overrides of a resource and of the resources inside it."""
    what = str(getattr(element, "id", None) or "")
    for name, value in override_meta(element).items():
        yield Override(
            # The meta attributes of a template have no effect on the template itself.
            kind="" if isinstance(element, Template) else _resource_kind(name, value),
            what=what,
            setting=name,
            description=f"resource {what} {name} {value}".strip(),
        )
    for member in _resources_inside(element):
        yield from resource_overrides(member)


def is_operator_constraint(element: Element) -> bool:
    """Return whether an element is a constraint that a ban or a move created."""
    return str(getattr(element, "id", None) or "").startswith(OPERATOR_CONSTRAINTS)


def constraint_override(element: Element) -> Override:
    """Return the override of a constraint that a ban or a move created."""
    name = str(getattr(element, "id", None) or "")
    description = f"{element.tag.removeprefix('rsc_')} {name}"
    if not isinstance(element, Location):
        return Override(kind="", setting=name, description=description)
    parts = tuple(_descendants(element))
    scores = [element.score, *(part.score for part in parts if isinstance(part, Rule))]
    nodes = [element.node, *(part.value for part in parts if isinstance(part, Expression))]
    ends = [part.end for part in parts if isinstance(part, DateExpression)]
    return Override(
        kind="ban" if any((score(each) or 0) < 0 for each in scores if each) else "prefer",
        what=element.rsc or "",
        node=next((node for node in nodes if node), ""),
        until=next((end for end in ends if end), ""),
        setting=name,
        description=description,
    )


def override_meta(element: Element) -> dict[str, str]:
    """Return the meta attributes of a resource that are overrides, by name."""
    return {
        str(pair.name): str(pair.value)
        for pair in _effective_pairs(plain_sets(element))
        if pair.name in OPERATOR_META
    }


def override_meta_within(element: Element) -> dict[str, dict[str, str]]:
    """Return the `override_meta` of a resource and of those inside it, by the id of the resource."""
    found = {str(getattr(element, "id", "")): override_meta(element)}
    for member in _resources_inside(element):
        found |= override_meta_within(member)
    return found


def plain_sets(element: Element) -> tuple[NvSet, ...]:
    """Return the sets of meta attributes that have no rule and do not refer to another set."""
    sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
    return tuple(nvset for nvset in sets if nvset.rule is None and nvset.id_ref is None)


def without_overrides(element: Element, declared: Mapping[str, Collection[str]] | None = None) -> Element:
    """Return a resource, and those inside it, without meta attributes that are overrides.

    `declared` are names of meta attributes to keep, by the id of the resource.
    """
    declared = declared or {}
    changes: dict[str, Any] = {}
    names = OPERATOR_META - set(declared.get(str(getattr(element, "id", "")), ()))
    if override_meta(element).keys() & names:
        plain = plain_sets(element)
        sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
        changes["meta_attributes"] = tuple(
            each for nvset in sets for each in (without([nvset], names) if nvset in plain else (nvset,))
        )
    for name in _resource_fields(element):
        inside = getattr(element, name)
        if isinstance(inside, tuple):
            changes[name] = tuple(without_overrides(each, declared) for each in inside)
        elif inside is not None:
            changes[name] = without_overrides(inside, declared)
    return replace(element, **changes) if changes else element


def without(sets: Iterable[S], names: Collection[str]) -> tuple[S, ...]:
    """Return the sets without the pairs of these names, and without the sets that this empties."""
    remaining = []
    for nvset in sets:
        pairs = tuple(pair for pair in nvset.nvpairs if pair.name not in names)
        if pairs or len(pairs) == len(nvset.nvpairs):
            remaining.append(replace(nvset, nvpairs=pairs))
    return tuple(remaining)


def _resource_kind(name: str, value: str) -> str:
    if name == "target-role":
        target_role = role(value)
        return target_role.lower() if target_role in ("Stopped", "Unpromoted") else ""
    if name == "is-managed":
        return "unmanaged" if boolean(value) is False else ""
    return "maintenance" if boolean(value) else ""


def _effective_pairs(sets: Iterable[NvSet]) -> Iterator[NvPair]:
    """Yield the pair of each name that Pacemaker uses, from the sets that have no rule."""
    found: set[str] = set()
    for nvset in ranked(sets):
        for pair in nvset.nvpairs if nvset.rule is None else ():
            if pair.name and pair.value is not None and pair.name not in found:
                found.add(pair.name)
                yield pair


def _resource_fields(element: Element) -> tuple[str, ...]:
    """Return the names of the fields that hold the resources inside a resource."""
    return tuple(
        spec.field for spec in layout(type(element)).children if set(spec.classes) <= set(RESOURCE_CLASSES)
    )


def _resources_inside(element: Element) -> Iterator[Element]:
    for name in _resource_fields(element):
        inside = getattr(element, name)
        if inside is not None:
            yield from inside if isinstance(inside, tuple) else (inside,)


def _descendants(element: Element) -> Iterator[Element]:
    for spec in layout(type(element)).children:
        inside = getattr(element, spec.field)
        for child in inside if spec.many else (inside,):
            if child is not None:
                yield child
                yield from _descendants(child)
