"""Operator overrides that a document leaves unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import (
    Override,
    node_override,
    property_override,
    resource_overrides,
)
from pacemaker_os.plan.diff.item import Item


def describe_overrides(unaffected: Mapping[str, Item]) -> Iterator[str]:
    """Yield a description of each override in items that a document neither declares nor removes.

    Bans and moves are not included (see `carried`).
    """
    for live in unaffected.values():
        if live.section == "resources":
            yield from (override.description for override in resource_overrides(live.element))
        elif live.managed_by == "operator" and isinstance(live.element, NvPair):
            yield _override(live, live.element).description


def _override(item: Item, pair: NvPair) -> Override:
    return property_override(pair) if item.section == "crm_config" else node_override(item.node, pair)
