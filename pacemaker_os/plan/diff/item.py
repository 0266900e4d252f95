"""A configuration as a flat list of items: what can be owned, compared, added and removed by itself.

Most items are whole objects. A property, a default and a node attribute are items by their names,
whichever set they stand in: nobody owns a set that others write into as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from pacemaker_os.cib import Cib, Element
from pacemaker_os.cib import names as words
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    NvPair,
    NvSet,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
    Utilization,
)
from pacemaker_os.cib.overrides import (
    CLUSTER_NODE_ATTRIBUTES,
    CLUSTER_PROPERTIES,
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    is_operator_constraint,
)
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import score
from pacemaker_os.plan.diff.change import Step
from pacemaker_os.plan.diff.ownership import OWNER_SET

S = TypeVar("S", bound=NvSet)

#: An element, and what makes its item: its meaning is worked out only for those who ask.
_Slot = tuple[Element, Callable[[], "Item"]]

#: What people call the objects of a tag; the others are called by the tag itself.
KINDS = {
    "rsc_location": "location",
    "rsc_colocation": "colocation",
    "rsc_order": "order",
    "rsc_ticket": "ticket",
    "fencing-level": "fencing level",
    "acl_role": "ACL role",
    "acl_target": "ACL user",
    "acl_group": "ACL group",
    "cluster_property_set": "property set",
    "meta_attributes": "defaults",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that can be compared by itself.

    `place` leads to its parent; `group` names the place among places that may differ in their ids.
    `anonymous`: nobody calls it by its id, so another one that means the same is the same.
    `managed_by` is who keeps it, apart from all documents: "cluster", "operator" or nobody.
    """

    key: str
    kind: str
    name: str
    group: str
    place: tuple[Step, ...]
    element: Element
    meaning: Hashable = field(repr=False)
    anonymous: bool = False
    managed_by: str = ""

    @property
    def node(self) -> str:
        """The name of the node that the item belongs to; empty for other items."""
        return dict(self.place[1][1]).get("uname", "") if self.section == "nodes" else ""

    @property
    def section(self) -> str:
        """The section of the configuration that it stands in."""
        return self.place[0][0]


def items(cib: Cib) -> dict[str, Item]:
    """Every item of a configuration by its key; of a name that is said twice, the one that holds."""
    found: dict[str, Item] = {}
    for item in listed(cib):
        found.setdefault(item.key, item)
    return found


def listed(cib: Cib) -> Iterator[Item]:
    """Yield every item, also those that share a key (or, before ids are assigned, have none of their own)."""
    for _, make in _slots(cib):
        yield make()


def elements(cib: Cib) -> Iterator[Element]:
    """Yield the element of every item, in the order of `listed`."""
    for element, _ in _slots(cib):
        yield element


def _slots(cib: Cib) -> Iterator[_Slot]:
    yield from _named(_precedence(cib.property_sets), "property", PropertySet)
    yield from _named(_ranked(cib.resource_defaults), "resource default", ResourceDefaults)
    yield from _named(_ranked(cib.operation_defaults), "operation default", OperationDefaults)
    for node in cib.nodes:
        yield from _of_node(node)
    for element in cib.objects():
        if element.section not in ("crm_config", "rsc_defaults", "op_defaults", "nodes"):
            yield element, partial(_whole, element)


def _precedence(sets: Iterable[PropertySet]) -> list[PropertySet]:
    """Property sets, the one that Pacemaker reads first in front."""
    return sorted(_ranked(sets), key=lambda nvset: nvset.id not in (None, FIRST_PROPERTY_SET))


def _ranked(sets: Iterable[S]) -> list[S]:
    return sorted(sets, key=lambda nvset: -(score(nvset.score or "0") or 0))


def _named(sets: Iterable[NvSet], kind: str, cls: type[NvSet]) -> Iterator[_Slot]:
    for nvset in sets:
        if nvset.id == OWNER_SET:
            continue
        if not _is_plain(nvset):
            yield nvset, partial(_whole, nvset)
            continue
        place: tuple[Step, ...] = ((nvset.section, ()), (nvset.tag, (("id", nvset.id or ""),)))
        for pair in nvset.nvpairs:
            if pair.value is not None:
                yield pair, partial(_pair, pair, kind, place, cls, kind)


def _is_plain(nvset: NvSet) -> bool:
    return nvset.rule is None and nvset.id_ref is None and all(pair.name for pair in nvset.nvpairs)


def _of_node(node: Node) -> Iterator[_Slot]:
    identity = (("id", node.id or ""), ("uname", node.uname or ""))
    home: tuple[Step, ...] = (("nodes", ()), ("node", identity))
    for nvset in (*node.instance_attributes, *node.utilization):
        if not _is_plain(nvset):
            yield nvset, partial(_conditional, nvset, home, node.uname or "")
            continue
        place = (*home, (nvset.tag, (("id", nvset.id or ""),)))
        for pair in nvset.nvpairs:
            if pair.value is not None:
                kind = "node utilization" if isinstance(nvset, Utilization) else "node attribute"
                of, cls = node.uname or "", type(nvset)
                yield pair, partial(_pair, pair, kind, place, cls, f"{kind} of {of}", of=of)


def _conditional(nvset: NvSet, home: tuple[Step, ...], uname: str) -> Item:
    """Attributes that a node has while a rule holds: a set by itself."""
    return replace(_whole(nvset), place=home, group=f"node {uname}", kind="node attributes")


def _pair(
    pair: NvPair, kind: str, place: tuple[Step, ...], cls: type[NvSet], group: str, *, of: str = ""
) -> Item:
    known = _WORDS.get(cls, words.NOTHING)
    name = known.current(pair.name or "")
    full = f"{of}:{name}" if of else name
    return Item(
        key=f"{kind.replace(' ', '-')}:{full}",
        kind=kind,
        name=f"{of} {pair.name}" if of else str(pair.name),
        group=group,
        place=place,
        element=pair,
        meaning=known.normal(name, pair.value or ""),
        managed_by=_KEEPERS.get((kind, name), ""),
    )


def _whole(element: Element) -> Item:
    identifier = layout(type(element)).attribute_by_xml.get("id")
    name = str(getattr(element, "id", None) or "")
    return Item(
        key=f"{element.tag}:{name}",
        kind=KINDS.get(element.tag, element.tag),
        name=name,
        group=element.section,
        place=((element.section, ()),),
        element=element,
        meaning=meaning(element),
        anonymous=identifier is not None and identifier.anonymous,
        managed_by="operator" if is_operator_constraint(element) else "",
    )


_WORDS: dict[type[NvSet], words.Words] = {
    PropertySet: words.PROPERTIES,
    ResourceDefaults: words.META,
    OperationDefaults: words.OPERATION_OPTIONS,
}

_KEEPERS = {
    **{("property", name): "cluster" for name in CLUSTER_PROPERTIES},
    **{("property", name): "operator" for name in OPERATOR_PROPERTIES},
    **{("node attribute", name): "cluster" for name in CLUSTER_NODE_ATTRIBUTES},
    **{("node attribute", name): "operator" for name in OPERATOR_NODE_ATTRIBUTES},
}
