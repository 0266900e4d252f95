"""Drift: differences between the live configuration and what was last applied.

The CIB records which document owns an object, and the apply history records the object as it was applied.
In contrast, `pcs-os plan DOC` compares the live configuration with the current document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import without_overrides
from pacemaker_os.cib.tree import content
from pacemaker_os.document.difference import differences
from pacemaker_os.errors import Conflict
from pacemaker_os.plan.diff.change import ConfigChange
from pacemaker_os.plan.diff.item import Item, items
from pacemaker_os.plan.diff.ownership import OWNER_SET, owned, owned_overrides
from pacemaker_os.plan.diff.planned import planned
from pacemaker_os.status.values import Drift

#: A CIB without any object.
_EMPTY = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"


def read_drift(cib: etree._Element, applies: Iterable[Iterable[ConfigChange]]) -> tuple[Drift, ...]:
    """Return the drift of each document.

    `applies` are the changes of each apply in the history, the oldest first.
    """
    if cib.find(f".//crm_config/cluster_property_set[@id='{OWNER_SET}']/nvpair") is None:
        return ()
    live = Cib.from_element(content.configuration(cib))
    written = _last_written(applies)
    live_items, applied = items(live), _applied_items(written)
    declared = owned_overrides(live)
    return tuple(
        replace(
            _document_drift(name, keys, live_items, applied, declared.get(name, frozenset())),
            files=_files(written[key].origin for key in keys if key in written),
        )
        for name, keys in sorted(owned(live).items())
    )


def _files(origins: Iterable[str]) -> tuple[str, ...]:
    """Return the files in positions, each once, without the name of standard input."""
    names = (origin.rsplit(":", 2)[0] for origin in origins if origin)
    return tuple(sorted({name for name in names if name != "stdin"}))


def _last_written(applies: Iterable[Iterable[ConfigChange]]) -> dict[str, ConfigChange]:
    """Return the last change of each object, without those that were removed later."""
    written: dict[str, ConfigChange] = {}
    for changes in applies:
        for change in changes:
            if change.is_ownership:
                continue
            if change.new is None:
                written.pop(change.key, None)
            else:
                written[change.key] = replace(change, old=None)
    return written


def _applied_items(written: Mapping[str, ConfigChange]) -> dict[str, Item]:
    """Return each object as it was last applied."""
    try:
        result = planned(etree.fromstring(_EMPTY), written.values())
    except Conflict:
        return {}
    return items(Cib.from_element(content.configuration(result)))


def _document_drift(
    name: str,
    keys: Collection[str],
    live_items: dict[str, Item],
    applied: dict[str, Item],
    declared: Collection[tuple[str, str]],
) -> Drift:
    removed, changed, unknown = [], [], 0
    for key in sorted(keys):
        item, old = live_items.get(key), applied.get(key)
        if item is None:
            removed.append(key.replace(":", " ", 1) if old is None else f"{old.kind} {old.name}")
        elif old is None:
            unknown += 1
        elif _meaning(item, declared) != _meaning(old, declared):
            paths = _changed_paths(old.element, item.element, declared)
            changed.append((f"{item.kind} {item.name}", paths))
    return Drift(
        document=name, objects=len(keys), removed=tuple(removed), changed=tuple(changed), unknown=unknown
    )


def _changed_paths(old: Element, new: Element, declared: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return the paths that differ, none for a single value. Operator overrides do not count as drift."""
    if isinstance(new, NvPair):
        return ()
    before, after = without_overrides(old, declared), without_overrides(new, declared)
    return tuple(each.path for each in differences(before, after))


def _meaning(item: Item, declared: Collection[tuple[str, str]]) -> object:
    if item.section != "resources":
        return item.meaning
    return meaning(without_overrides(item.element, declared))
