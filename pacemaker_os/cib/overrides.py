"""What Pacemaker writes into the configuration by itself, and what operators put there for a while.

None of it is drift: a document that is silent about it leaves it as it is, and export leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib.element import Element
from pacemaker_os.cib.nvsets import NvSet

S = TypeVar("S", bound=NvSet)

#: Properties that the cluster keeps for itself (Pacemaker Explained, "Cluster-Wide Configuration").
CLUSTER_PROPERTIES = frozenset(
    {
        "dc-version",
        "cluster-infrastructure",
        "cluster-name",
        "have-watchdog",
        "last-lrm-refresh",
        "default-resource-stickiness-refresh",
    }
)

#: Properties by which an operator holds the whole cluster still for a while.
OPERATOR_PROPERTIES = frozenset({"maintenance-mode", "stop-all-resources"})

#: Attributes by which an operator takes a node out for a while.
OPERATOR_NODE_ATTRIBUTES = frozenset({"standby", "maintenance"})

#: Attributes in which agents remember what they owe a node (agents/nova_evacuate/requests.py).
CLUSTER_NODE_ATTRIBUTES = frozenset({"nova-evacuation"})

#: Meta attributes by which an operator stops or releases one resource for a while.
OPERATOR_META = frozenset({"target-role", "is-managed", "maintenance"})

#: How `crm_resource` and `pcs` begin the ids of the constraints that move and ban leave behind.
OPERATOR_CONSTRAINTS = ("cli-ban-", "cli-prefer-", "cli-standby-")

#: The property set that remembers which document owns what.
OWNER_SET = "pcs-os-owner"


#: The fields of a resource that hold resources.
_INSIDE = ("members", "child", "primitive")


def override_meta(element: Element) -> dict[str, str]:
    """What an operator keeps in a resource's meta attributes, by name."""
    return {
        pair.name: pair.value
        for nvset in plain_sets(element)
        for pair in nvset.nvpairs
        if pair.name in OPERATOR_META and pair.value is not None
    }


def override_meta_within(element: Element) -> dict[str, dict[str, str]]:
    """What an operator keeps in a resource and in those inside it, by the resource's id and by name."""
    found = {str(getattr(element, "id", "")): override_meta(element)}
    for inside in _resources_inside(element):
        found |= override_meta_within(inside)
    return found


def plain_sets(element: Element) -> tuple[NvSet, ...]:
    """The sets of meta attributes that always hold."""
    sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
    return tuple(nvset for nvset in sets if nvset.rule is None and nvset.id_ref is None)


def without_overrides(element: Element, said: Mapping[str, Collection[str]] | None = None) -> Element:
    """A resource, and what is inside it, without what an operator keeps in it and nobody has `said`.

    `said` are names by the id of the resource.
    """
    said = said or {}
    changes: dict[str, Any] = {}
    names = OPERATOR_META - set(said.get(str(getattr(element, "id", "")), ()))
    if override_meta(element).keys() & names:
        plain = plain_sets(element)
        sets: tuple[NvSet, ...] = getattr(element, "meta_attributes", ())
        changes["meta_attributes"] = tuple(
            kept for nvset in sets for kept in (without([nvset], names) if nvset in plain else (nvset,))
        )
    for name in _INSIDE:
        below = getattr(element, name, None)
        if isinstance(below, tuple):
            changes[name] = tuple(without_overrides(each, said) for each in below)
        elif below is not None:
            changes[name] = without_overrides(below, said)
    return replace(element, **changes) if changes else element


def without(sets: Iterable[S], names: Collection[str]) -> tuple[S, ...]:
    """The sets without pairs of these names; a set that is empty then goes as well."""
    kept = []
    for nvset in sets:
        pairs = tuple(pair for pair in nvset.nvpairs if pair.name not in names)
        if pairs or len(pairs) == len(nvset.nvpairs):
            kept.append(replace(nvset, nvpairs=pairs))
    return tuple(kept)


def _resources_inside(element: Element) -> Iterator[Element]:
    for name in _INSIDE:
        below = getattr(element, name, None)
        if below is not None:
            yield from below if isinstance(below, tuple) else (below,)
