"""Operator overrides that a document leaves unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import (
    Override,
    constraint_override,
    node_override,
    property_override,
    resource_overrides,
)
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem


def describe_overrides(live_items: Mapping[str, Item], pairs: Mapping[str, DesiredItem]) -> Iterator[str]:
    """Yield a description of each live override that the document does not declare."""
    for key, live in live_items.items():
        desired = pairs.get(key)
        if live.section == "resources":
            found = () if desired is None else resource_overrides(desired.item.element)
            declared = {(each.what, each.setting) for each in found}
            for override in resource_overrides(live.element):
                if (override.what, override.setting) not in declared:
                    yield override.description
        elif live.managed_by == "operator" and desired is None:
            yield _override(live).description


def _override(item: Item) -> Override:
    pair = item.element
    if not isinstance(pair, NvPair):
        return constraint_override(pair)
    return property_override(pair) if item.section == "crm_config" else node_override(item.node, pair)
