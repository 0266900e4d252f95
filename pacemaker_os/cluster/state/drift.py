"""What differs from what was applied.

The cluster remembers which objects are whose, and the history what was written of them. Both together
tell what somebody changed by hand since; `pcs-os plan DOC` compares with what a document says today.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from lxml import etree

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib.difference import differences
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nvsets import NvPair
from pacemaker_os.cib.overrides import OWNER_SET, released
from pacemaker_os.cib.tree import content
from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.file import FileStore
from pacemaker_os.cluster.history import FOLDER, Record
from pacemaker_os.cluster.state.values import Drift
from pacemaker_os.errors import Conflict, TransportError
from pacemaker_os.plan.diff.change import Operation
from pacemaker_os.plan.diff.item import Item, items
from pacemaker_os.plan.diff.ownership import owned
from pacemaker_os.plan.diff.planned import planned

#: A configuration in which nothing is said.
_NOTHING = "<cib><configuration><crm_config/><nodes/><resources/><constraints/></configuration></cib>"


def read_history(cluster: Cluster) -> tuple[Record, ...]:
    """Every apply that is remembered where the cluster is reached, the oldest first, in one question.

    What cannot be read is left out: this history is for telling, not for acting upon.
    """
    store = cluster.store
    folder = f"{store.path}.history" if isinstance(store, FileStore) else str(FOLDER)
    argv = ["find", folder, "-maxdepth", "1", "-name", "*.json", "-exec", "cat", "--", "{}", "+"]
    try:
        text = cluster.transport.run(argv, ok=()).text
    except TransportError:
        return ()
    return tuple(sorted(_records(text), key=lambda record: record.id))


def _records(text: str) -> Iterator[Record]:
    """The records in JSON texts that follow each other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            data, at = decoder.raw_decode(text, at)
            yield Record.from_json(data)
        except (ValueError, KeyError, TypeError):
            return
        while at < len(text) and text[at].isspace():
            at += 1


def read_drift(cib: etree._Element, history: Iterable[Record]) -> tuple[Drift, ...]:
    """How the objects of each document differ from what was last written of them."""
    if cib.find(f".//crm_config/cluster_property_set[@id='{OWNER_SET}']/nvpair") is None:
        return ()
    live = Cib.from_xml(etree.tostring(content.configuration(cib)))
    now, last = items(live), _last(history)
    return tuple(_of_document(name, keys, now, last) for name, keys in sorted(owned(live).items()))


def _last(history: Iterable[Record]) -> dict[str, Item]:
    """What was last written of every object that was not removed again."""
    written: dict[str, Operation] = {}
    for record in history:
        for operation in record.operations:
            if operation.is_memory:
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
    return Drift(document=name, objects=len(keys), gone=tuple(gone), changed=tuple(changed), unknown=unknown)


def _places(was: Element, now: Element) -> tuple[str, ...]:
    """The places that differ; a pair has but one. What an operator keeps for a while is told of as held."""
    if isinstance(now, NvPair):
        return ()
    return tuple(each.path for each in differences(released(was), released(now)))


def _meaning(item: Item) -> object:
    return meaning(released(item.element)) if item.section == "resources" else item.meaning
