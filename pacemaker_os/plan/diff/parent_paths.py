"""Parents of desired items in the live configuration."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.cib import Cib
from pacemaker_os.cib.ids import Ids
from pacemaker_os.cib.nodes import Node
from pacemaker_os.plan.diff.change import Step
from pacemaker_os.plan.diff.item import Item
from pacemaker_os.plan.diff.node_names import remote_names
from pacemaker_os.text import did_you_mean


class UnknownNode(Exception):
    """A document names a node that the cluster does not have."""


class ParentPaths:
    """Finds the parent of each desired item: a live set of the same group, or a new one."""

    def __init__(self, live: Cib, desired: Cib, live_items: Iterable[Item], *, new_nodes: bool) -> None:
        self._nodes = {node.uname or node.id: node for node in live.nodes}
        self._remotes = remote_names(desired) | remote_names(live)
        self._new_nodes = new_nodes
        # Pacemaker gives precedence to the first set of a group.
        self._sets: dict[str, tuple[Step, ...]] = {}
        self._new_sets: dict[str, tuple[Step, ...]] = {}
        for item in live_items:
            self._sets.setdefault(item.group, item.parent_path)

    def of(self, item: Item) -> tuple[Step, ...]:
        """Return the path of the parent of a desired item.

        Raises:
            UnknownNode: The item belongs to a node that the cluster does not have.
        """
        if item.group in self._sets:
            return self._sets[item.group]
        path = self._node_path(item) if item.section == "nodes" else item.parent_path
        self._sets[item.group] = path
        return path

    def of_new_set(self, item: Item, ids: Ids) -> tuple[Step, ...]:
        """Return the path of a new set for a desired pair; further pairs of its group go there as well."""
        *outer, (tag, attributes) = self.of(item)
        new = ids.unique(dict(attributes).get("id", tag))
        path = self._new_sets.setdefault(item.group, (*outer, (tag, (("id", new),))))
        self._sets[item.group] = path
        return path

    def _node_path(self, item: Item) -> tuple[Step, ...]:
        node = self._nodes.get(item.node) or self._new_node(item.node)
        attributes = {"id": node.id, "uname": node.uname, "type": node.type}
        step: Step = ("node", tuple((name, value) for name, value in attributes.items() if value is not None))
        if len(item.parent_path) == 2:
            return ("nodes", ()), step
        tag = item.parent_path[2][0]
        suffix = "" if tag == "instance_attributes" else f"-{tag}"
        return ("nodes", ()), step, (tag, (("id", f"nodes-{node.id}{suffix}"),))

    def _new_node(self, uname: str) -> Node:
        if uname in self._remotes:
            # The id of a remote node is its name. Pacemaker adopts an entry that exists before the node.
            node = Node(id=uname, uname=uname, type="remote")
        elif self._new_nodes:
            numbers = [int(node.id) for node in self._nodes.values() if node.id and node.id.isdigit()]
            node = Node(id=str(max(numbers, default=0) + 1), uname=uname)
        else:
            raise UnknownNode(_unknown_node(uname, [str(name) for name in self._nodes]))
        self._nodes[uname] = node
        return node


def _unknown_node(uname: str, known: list[str]) -> str:
    remedy = did_you_mean(uname, known) or f"; the cluster has {', '.join(sorted(known)) or 'no nodes yet'}"
    return f"unknown node '{uname}'{remedy}"
