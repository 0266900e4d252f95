"""Names of nodes, which Pacemaker compares without regard to case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.nvsets import MetaAttributes
from pacemaker_os.cib.resources import Clone, Group, Primitive
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import NODE

E = TypeVar("E", bound=Element)


def with_live_names(desired: Cib, live: Cib) -> Cib:
    """Return a desired configuration with the node names of the cluster: `N1` becomes `n1`.

    Source: `pe_find_node()` in Pacemaker 2.1, `pcmk_find_node()` in 3.0.
    """
    names = [*(node.uname for node in live.nodes), *sorted(remote_names(live) | remote_names(desired))]
    spelling = {name.casefold(): name for name in names if name}
    if all(_is_known(node, spelling) for node in desired.nodes) and not _others(desired, spelling):
        return desired
    return replace(
        desired,
        nodes=tuple(_renamed(node, spelling) for node in desired.nodes),
        constraints=tuple(_renamed(each, spelling) for each in desired.constraints),
        fencing_levels=tuple(_renamed(each, spelling) for each in desired.fencing_levels),
    )


def remote_names(cib: Cib) -> set[str]:
    """Return the names of remote nodes (ids of ocf:pacemaker:remote) and of guest nodes (remote-node)."""
    found: set[str] = set()
    for resource in cib.resources:
        found |= _remote_names(resource)
    return found


def _remote_names(resource: Element | None) -> set[str]:
    match resource:
        case Primitive():
            own = {str(resource.id)} if resource.agent == "ocf:pacemaker:remote" else set()
            return own | _guest_names(resource.meta_attributes)
        case Group():
            return set().union(*map(_remote_names, resource.members))
        case Clone():
            return _remote_names(resource.child)
    return set()


def _guest_names(sets: tuple[Any, ...]) -> set[str]:
    return {
        str(pair.value)
        for nvset in sets
        if isinstance(nvset, MetaAttributes)
        for pair in nvset.nvpairs
        if pair.name == "remote-node"
    }


def _is_known(element: Element, spelling: Mapping[str, str]) -> bool:
    """Return whether each name in an element has the spelling of the cluster, or is unknown to it."""
    values = (getattr(element, spec.field) for spec in layout(type(element)).attributes if spec.kind is NODE)
    return all(value is None or spelling.get(value.casefold(), value) == value for value in values)


def _others(desired: Cib, spelling: Mapping[str, str]) -> bool:
    elements = (*desired.constraints, *desired.fencing_levels)
    return not all(_is_known(each, spelling) for each in elements)


def _renamed(element: E, spelling: Mapping[str, str]) -> E:
    changes: dict[str, Any] = {}
    for spec in layout(type(element)).attributes:
        value = getattr(element, spec.field)
        if spec.kind is NODE and value is not None:
            changes[spec.field] = spelling.get(value.casefold(), value)
    result: E = replace(element, **changes)
    return result
