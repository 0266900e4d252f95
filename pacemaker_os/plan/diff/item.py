"""A configuration as a flat list of items, the units of ownership and comparison.

Most items are whole objects. Properties, defaults and node attributes are single items, identified by
their name: several documents and tools may write to the same set.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import field, replace
from functools import partial

from pacemaker_os.cib import Cib, Element, names
from pacemaker_os.cib.agent_utilization import (
    Templates,
    templates_of,
    without_written_utilization,
    written_utilization,
)
from pacemaker_os.cib.maintained import (
    LOCATION,
    PACEMAKER,
    kind_of,
    maintained,
    writing_agents,
)
from pacemaker_os.cib.meaning import meaning
from pacemaker_os.cib.nodes import Node
from pacemaker_os.cib.nvsets import (
    FIRST_PROPERTY_SET,
    InstanceAttributes,
    NvPair,
    NvSet,
    OperationDefaults,
    PropertySet,
    ResourceDefaults,
    Utilization,
    ranked,
)
from pacemaker_os.cib.overrides import (
    OPERATOR_NODE_ATTRIBUTES,
    OPERATOR_PROPERTIES,
    is_operator_constraint,
)
from pacemaker_os.cib.table import layout
from pacemaker_os.cib.values import score
from pacemaker_os.dataclass import dataclass
from pacemaker_os.plan.diff.change import Step
from pacemaker_os.plan.diff.ownership import is_record

#: An element, and a function that creates its item. Computing the meaning is expensive.
_Slot = tuple[Element, Callable[[], "Item"]]

#: A function that puts sets in an order.
_Order = Callable[[Iterable[NvSet]], list[NvSet]]

#: The names for people of the kinds of objects. Other kinds have the name of their tag.
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
    """A unit of comparison.

    `parent_path` leads to its parent. `group` identifies sets that can replace each other as the parent.
    The id of an `anonymous` item has no meaning, so items with the same meaning are the same. `managed_by`
    is "cluster" for cluster-maintained items, "operator" for operator overrides, and empty for others.
    `writer` is the program that maintains a cluster-maintained item.
    """

    key: str
    kind: str
    name: str
    group: str
    parent_path: tuple[Step, ...]
    element: Element
    meaning: Hashable = field(repr=False)
    anonymous: bool = False
    managed_by: str = ""
    writer: str = ""

    @property
    def node(self) -> str:
        """The name of the node that the item belongs to; empty for other items."""
        return dict(self.parent_path[1][1]).get("uname", "") if self.section == "nodes" else ""

    @property
    def section(self) -> str:
        """The section of the configuration that contains the item."""
        return self.parent_path[0][0]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The items of a configuration.

    `listed` has every item in the order of the CIB. `effective` has them by key; if a name is set twice, it
    has the effective item.
    """

    listed: tuple[Item, ...]
    effective: dict[str, Item]

    @classmethod
    def of(cls, cib: Cib) -> Inventory:
        """Return the items of a configuration."""
        agents, effective = writing_agents(cib.resources), dict[str, Item]()
        known: dict[int, Item] = {}
        every = []
        for element, make in _slots(cib, list):
            item = _with_writer(make(), agents)
            every.append(item)
            known[id(element)] = item
        for element, make in _slots(cib, ranked):
            # The meaning of an object takes longest. That of a set or a pair depends on where it is.
            whole = not isinstance(element, NvPair | NvSet)
            item = known[id(element)] if whole else _with_writer(make(), agents)
            effective.setdefault(item.key, item)
        return cls(tuple(every), effective)


def items(cib: Cib) -> dict[str, Item]:
    """Return the effective items of a configuration by key."""
    return Inventory.of(cib).effective


def _with_writer(item: Item, agents: frozenset[str]) -> Item:
    """Return an item that is cluster-maintained if Pacemaker or one of the agents writes it."""
    parent_id = dict(item.parent_path[-1][1]).get("id", "")
    if isinstance(item.element, NvPair):
        name = item.name.partition(" ")[2] if item.section == "nodes" else item.name
        writer = maintained(item.kind, name, parent_id, agents)
    elif isinstance(item.element, PropertySet):
        writer = maintained(kind_of(item.element), "", item.name)
    else:
        writer = maintained(LOCATION, item.name) if item.kind == LOCATION else ""
    return replace(item, managed_by="cluster", writer=writer) if writer else item


def elements(cib: Cib) -> Iterator[Element]:
    """Yield the element of every item, in the order of `Inventory.listed`."""
    for element, _ in _slots(cib, list):
        yield element


def _slots(cib: Cib, order: _Order) -> Iterator[_Slot]:
    yield from _named(order(cib.property_sets), "property", PropertySet)
    yield from _named(order(cib.resource_defaults), "resource default", ResourceDefaults)
    yield from _named(order(cib.operation_defaults), "operation default", OperationDefaults)
    for node in cib.nodes:
        yield from _of_node(node, order)
    templates = templates_of(cib.resources)
    for element in cib.objects():
        if element.section == "resources":
            yield element, partial(_resource, element, templates)
        elif element.section not in ("crm_config", "rsc_defaults", "op_defaults", "nodes"):
            yield element, partial(_whole, element)


def agent_values(cib: Cib, inventory: Inventory | None = None) -> Iterator[str]:
    """Yield a description of each value that an agent maintains, with its agent."""
    for item in (inventory or Inventory.of(cib)).listed:
        if item.writer not in ("", PACEMAKER):
            yield f"{item.kind} {item.name} ({item.writer})"
    for each in written_utilization(cib.resources):
        yield each.description


def _named(sets: Iterable[NvSet], kind: str, cls: type[NvSet]) -> Iterator[_Slot]:
    for nvset in sets:
        if not _is_plain(nvset):
            yield nvset, partial(_whole, nvset)
            continue
        path: tuple[Step, ...] = ((nvset.section, ()), (nvset.tag, (("id", nvset.id or ""),)))
        for pair in nvset.nvpairs:
            if pair.value is not None and not is_record(nvset, pair):
                yield pair, partial(_pair, pair, kind, path, cls, kind)


def _is_plain(nvset: NvSet) -> bool:
    """Return whether the pairs of a set are items. With a score or a rule, the set itself is one."""
    if nvset.rule is not None or nvset.id_ref is not None or not all(pair.name for pair in nvset.nvpairs):
        return False
    if nvset.id == FIRST_PROPERTY_SET or not score(nvset.score or "0"):
        return True
    # Tools write overrides and state into any set.
    kind = kind_of(nvset)
    return any(
        (kind, pair.name) in _MANAGED_BY or maintained(kind, pair.name or "", nvset.id or "")
        for pair in nvset.nvpairs
    )


def _of_node(node: Node, order: _Order) -> Iterator[_Slot]:
    identity = (("id", node.id or ""), ("uname", node.uname or ""))
    node_path: tuple[Step, ...] = (("nodes", ()), ("node", identity))
    for nvset in (*order(node.instance_attributes), *order(node.utilization)):
        if not _is_plain(nvset):
            yield nvset, partial(_conditional, nvset, node_path, node.uname or "")
            continue
        path = (*node_path, (nvset.tag, (("id", nvset.id or ""),)))
        for pair in nvset.nvpairs:
            if pair.value is not None:
                kind = "node utilization" if isinstance(nvset, Utilization) else "node attribute"
                of, cls = node.uname or "", type(nvset)
                yield pair, partial(_pair, pair, kind, path, cls, f"{kind} of {of}", of=of)


def _conditional(nvset: NvSet, node_path: tuple[Step, ...], uname: str) -> Item:
    """Return the item of a set of node attributes with a rule. Such a set is one item."""
    item = replace(_whole(nvset), parent_path=node_path, group=f"node {uname}", kind="node attributes")
    return item if nvset.id_ref is None else replace(item, key=f"{nvset.tag}:{uname}:{nvset.id_ref}")


def _pair(
    pair: NvPair, kind: str, path: tuple[Step, ...], cls: type[NvSet], group: str, *, of: str = ""
) -> Item:
    known = _KNOWN_NAMES.get(cls, names.NO_NAMES)
    name = known.current(pair.name or "")
    full = f"{of}:{name}" if of else name
    return Item(
        key=f"{kind.replace(' ', '-')}:{full}",
        kind=kind,
        name=f"{of} {pair.name}" if of else str(pair.name),
        group=group,
        parent_path=path,
        element=pair,
        meaning=known.normal(name, pair.value or ""),
        managed_by=_MANAGED_BY.get((kind, name), ""),
    )


def _resource(element: Element, templates: Templates) -> Item:
    """Return the item of a resource; utilization that its agent writes is not part of its meaning."""
    plain = without_written_utilization(element, templates)
    item = _whole(element)
    return item if plain is element else replace(item, meaning=meaning(plain))


def _whole(element: Element) -> Item:
    identifier = layout(type(element)).attribute_by_xml.get("id")
    name = str(getattr(element, "id", None) or "")
    key = f"{element.tag}:{name}"
    anonymous = identifier is not None and identifier.anonymous
    if isinstance(element, NvSet) and element.id_ref is not None:
        # A reference has no id of its own, and several sections can refer to the same set.
        name, key = element.id_ref, f"{element.tag}:{element.section}:{element.id_ref}"
        anonymous = False
    return Item(
        key=key,
        kind=KINDS.get(element.tag, element.tag),
        name=name,
        group=element.section,
        parent_path=((element.section, ()),),
        element=element,
        meaning=meaning(element),
        anonymous=anonymous,
        managed_by="operator" if is_operator_constraint(element) else "",
    )


_KNOWN_NAMES: dict[type[NvSet], names.KnownNames] = {
    PropertySet: names.PROPERTIES,
    ResourceDefaults: names.META,
    OperationDefaults: names.OPERATION_OPTIONS,
    # The instance attributes of items are those of nodes.
    InstanceAttributes: names.NODE_ATTRIBUTES,
}

_MANAGED_BY = {
    **{("property", name): "operator" for name in OPERATOR_PROPERTIES},
    **{("node attribute", name): "operator" for name in OPERATOR_NODE_ATTRIBUTES},
}
