"""Where in the live configuration a wanted item has its place."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.cib import Cib
from pacemaker_os.cib.nodes import Node
from pacemaker_os.plan.diff.change import Step
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.text import did_you_mean


class UnknownNode(Exception):
    """A document marks a node that the cluster does not have."""


class Places:
    """Leads from a wanted item to the set that the cluster already has for its like."""

    def __init__(self, live: Cib, desired: Cib, olds: Iterable[Item], *, new_nodes: bool) -> None:
        self._nodes = {node.uname or node.id: node for node in live.nodes}
        self._remotes = _remote_names(desired) | _remote_names(live)
        self._new_nodes = new_nodes
        # The first set that holds a name of a group is the one that Pacemaker reads first.
        self._sets: dict[str, tuple[Step, ...]] = {}
        for item in olds:
            self._sets.setdefault(item.group, item.place)

    def of(self, item: Item) -> tuple[Step, ...]:
        """The place of a wanted item. Raises UnknownNode."""
        if item.group in self._sets:
            return self._sets[item.group]
        place = self._node_place(item) if item.place[0][0] == "nodes" else item.place
        self._sets[item.group] = place
        return place

    def _node_place(self, item: Item) -> tuple[Step, ...]:
        uname = dict(item.place[1][1])["uname"]
        node = self._nodes.get(uname) or self._new_node(uname)
        attributes = {"id": node.id, "uname": node.uname, "type": node.type}
        home: Step = ("node", tuple((name, value) for name, value in attributes.items() if value is not None))
        if len(item.place) == 2:
            return ("nodes", ()), home
        tag = item.place[2][0]
        suffix = "" if tag == "instance_attributes" else f"-{tag}"
        return ("nodes", ()), home, (tag, (("id", f"nodes-{node.id}{suffix}"),))

    def _new_node(self, uname: str) -> Node:
        if uname in self._remotes:
            # A remote node's id is its name, and Pacemaker takes over an entry that is there before it.
            node = Node(id=uname, uname=uname, type="remote")
        elif self._new_nodes:
            numbers = [int(node.id) for node in self._nodes.values() if node.id and node.id.isdigit()]
            node = Node(id=str(max(numbers, default=0) + 1), uname=uname)
        else:
            raise UnknownNode(_no_such_node(uname, [str(name) for name in self._nodes]))
        self._nodes[uname] = node
        return node


def _no_such_node(uname: str, known: list[str]) -> str:
    remedy = did_you_mean(uname, known) or f"; it has {', '.join(sorted(known)) or 'none yet'}"
    return f"the cluster has no node '{uname}'{remedy}"


def _remote_names(cib: Cib) -> set[str]:
    """The names of remote and guest nodes: ids of ocf:pacemaker:remote, and what remote-node says."""
    found = set()
    for resource in cib.resources:
        if getattr(resource, "agent", None) == "ocf:pacemaker:remote":
            found.add(str(getattr(resource, "id", "")))
        for nvset in getattr(resource, "meta_attributes", ()):
            found |= {str(pair.value) for pair in nvset.nvpairs if pair.name == "remote-node"}
    return found
