"""What differs from what was applied.

The cluster remembers which objects are whose, and the history what was written of them. Both together
tell what somebody changed by hand since; `pcs-os plan DOC` compares with what a document says today.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import OWNER_SET, without_overrides
from pacemaker_os.cib.tree import content
from pacemaker_os.document.difference import differences
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.item import Item, items
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.status.values import Drift

#: A configuration in which nothing is said.
_NOTHING = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"


def read_drift(cib: etree._Element, applies: Iterable[Iterable[ConfigChange]]) -> tuple[Drift, ...]:
    """Return the drift of each document.

    `applies` are the changes of each apply in the history, the oldest first.
    """
    if cib.find(f".//crm_config/cluster_property_set[@id='{OWNER_SET}']/nvpair") is None:
        return ()
    live = Cib.from_xml(etree.tostring(content.configuration(cib)))
    now, last = items(live), _last_applied(applies)
    return tuple(_of_document(name, keys, now, last) for name, keys in sorted(owned(live).items()))


def _last_applied(applies: Iterable[Iterable[ConfigChange]]) -> dict[str, Item]:
    """Return each object as it was last applied, without those that were removed later."""
    written: dict[str, ConfigChange] = {}
    for operations in applies:
        for operation in operations:
            if operation.is_ownership:
                continue
            if operation.new is None:
                written.pop(operation.key, None)
            else:
                written[operation.key] = replace(operation, old=None)
    try:
        result = planned(etree.fromstring(_NOTHING), written.values())
    except Conflict:
        return {}
    return items(Cib.from_xml(etree.tostring(content.configuration(result))))


def _of_document(name: str, keys: Collection[str], now: dict[str, Item], last: dict[str, Item]) -> Drift:
    gone, changed, unknown = [], [], 0
    for key in sorted(keys):
        item, was = now.get(key), last.get(key)
        if item is None:
            gone.append(key.replace(":", " ", 1) if was is None else f"{was.kind} {was.name}")
        elif was is None:
            unknown += 1
        elif _meaning(item) != _meaning(was):
            changed.append((f"{item.kind} {item.name}", _places(was.element, item.element)))
    return Drift(
        document=name, objects=len(keys), removed=tuple(gone), changed=tuple(changed), unknown=unknown
    )


def _places(was: Element, now: Element) -> tuple[str, ...]:
    """The places that differ; a pair has but one. What an operator keeps for a while is told of as held."""
    if isinstance(now, NvPair):
        return ()
    return tuple(each.path for each in differences(without_overrides(was), without_overrides(now)))


def _meaning(item: Item) -> object:
    return meaning(without_overrides(item.element)) if item.section == "resources" else item.meaning
