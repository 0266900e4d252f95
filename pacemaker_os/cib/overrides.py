"""Operator overrides in a configuration.

An operator override is a temporary setting by an operator: standby, maintenance mode, a stopped or
unmanaged resource, or a constraint that a ban or move created. A document that does not declare an
override leaves it unchanged, and `pcs-os export` skips it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import field, replace
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
from pacemaker_os.dataclass import dataclass

E = TypeVar("E", bound=Element)
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
    for name, value in override_meta(element).items():
        yield resource_override(element, name, value)
    for member in resources_inside(element):
        yield from resource_overrides(member)


def resource_override(element: Element, name: str, value: str) -> Override:
    """Return the override that a meta attribute of a resource is."""
    what = str(getattr(element, "id", None) or "")
    return Override(
        # The meta attributes of a template have no effect on the template itself.
        kind="" if isinstance(element, Template) else _resource_kind(name, value),
        what=what,
        setting=name,
        description=f"resource {what} {name} {value}".strip(),
    )


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
    return {name: str(pair.value) for name, pair in override_pairs(element).items()}


def override_pairs(element: Element) -> dict[str, NvPair]:
    """Return the pairs of a resource that are overrides, by name."""
    pairs = _effective_pairs(plain_sets(element))
    return {str(pair.name): pair for pair in pairs if pair.name in OPERATOR_META}


def declared_overrides(resources: Iterable[Element]) -> Iterator[tuple[str, str]]:
    """Yield the resource and the name of each override in resources and in those inside them."""
    for each in resources:
        yield from ((str(getattr(each, "id", "")), name) for name in override_pairs(each))
        yield from declared_overrides(resources_inside(each))


def plain_sets(element: Element) -> tuple[NvSet, ...]:
    """Return the sets of meta attributes that have no rule and do not refer to another set."""
    sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
    return tuple(nvset for nvset in sets if nvset.rule is None and nvset.id_ref is None)


def without_overrides(element: Element, declared: Collection[tuple[str, str]] = ()) -> Element:
    """Return a resource, and those inside it, without meta attributes that are overrides.

    `declared` are the overrides to keep, by the id of the resource and their name.
    """
    changes: dict[str, Any] = {}
    own = str(getattr(element, "id", ""))
    names = {name for name in OPERATOR_META if (own, name) not in declared}
    if override_meta(element).keys() & names:
        plain = plain_sets(element)
        sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
        changes["meta_attributes"] = tuple(
            each for nvset in sets for each in (without([nvset], names) if nvset in plain else (nvset,))
        )
    if changes:
        element = replace(element, **changes)
    return with_resources(element, lambda inside: without_overrides(inside, declared))


def with_resources(element: E, change: Callable[[Element], Element]) -> E:
    """Return a resource with changes to the resources directly inside it."""
    changes: dict[str, Any] = {}
    for name in _resource_fields(element):
        inside = getattr(element, name)
        if isinstance(inside, tuple):
            changes[name] = tuple(map(change, inside))
        elif inside is not None:
            changes[name] = change(inside)
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


def resources_inside(element: Element) -> Iterator[Element]:
    """Yield the resources directly inside a group, clone or bundle."""
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
