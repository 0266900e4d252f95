"""What operators keep for a while, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import override_meta_within
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.matching import DesiredItem


def describe_overrides(olds: Mapping[str, Item], pairs: Mapping[str, DesiredItem]) -> Iterator[str]:
    """What an operator keeps for a while and no document says, in words."""
    for key, old in olds.items():
        if old.managed_by == "operator" and key not in pairs:
            value = old.element.value if isinstance(old.element, NvPair) else ""
            yield f"{old.kind} {old.name} {value or ''}".strip()
        elif old.section == "resources":
            said = override_meta_within(pairs[key].item.element) if key in pairs else {}
            for resource, found in override_meta_within(old.element).items():
                for name, value in found.items():
                    if name not in said.get(resource, ()):
                        yield f"resource {resource} {name} {value}"
