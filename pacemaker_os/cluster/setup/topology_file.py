"""A topology as a YAML text:

    name: ha
    token: 1000                # ms; optional, as is pmtud_interval (s)
    nodes:
      controller01: {address: 192.0.2.11, ssh: root@controller01, roles: [controller]}
      controller02: {addresses: [192.0.2.12, 198.51.100.12], container: lab-controller02}

A node without `ssh` or `container` is this machine. Every problem is told with its line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pacemaker_os.cib import Origin
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.document.problems import Problems
from pacemaker_os.document.yaml.parser import read_yaml
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node
from pacemaker_os.errors import InputError, Problem
from pacemaker_os.text import did_you_mean

#: A host name, or an address of either family.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")

#: What corosync takes: token in milliseconds, the MTU interval in seconds.
_LIMITS = {"token": (30, 600_000), "pmtud_interval": (1, 3600)}

#: corosync's own limit of links.
_LINKS = 8


def load_topology(path: str) -> Topology:
    """Read the topology in the file `path`. Raises InputError when it cannot be read."""
    return read_topology(read_text(path), file=path)


def read_text(path: str) -> str:
    """Return the text of a topology's file. Raises InputError when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        said = f"this file cannot be read: {(error.strerror or str(error)).lower()}"
        raise InputError([Problem(path, 0, 0, said, "unreadable")]) from None
    except UnicodeDecodeError as error:
        said = f"this file is not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}"
        raise InputError([Problem(path, 0, 0, said, "not-utf-8")]) from None


def read_topology(text: str, *, file: str) -> Topology:
    """Read a topology. Raises DocumentError with every problem found."""
    problems = Problems()
    tree = read_yaml(text, file, problems)
    problems.raise_any()
    assert tree is not None, "without a tree there is a problem"
    topology = TopologyReader(problems).topology(tree)
    problems.raise_any()
    return topology


class TopologyReader:
    """Turns the tree into values and notes what is wrong; a value that is wrong reads as an empty one."""

    #: The keys of a topology and of a node in it; a topology that says more adds its own.
    keys: tuple[str, ...] = ("name", "token", "pmtud_interval", "nodes")
    node_keys: tuple[str, ...] = ("address", "addresses", "roles", "container", "ssh")

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def topology(self, tree: Mapping) -> Topology:
        self._known(tree, self.keys, "a topology")
        nodes = tree.get("nodes")
        if not isinstance(nodes, Mapping) or not nodes.items:
            origin = tree.origin if nodes is None else nodes.origin
            self._problems.add(origin, "a topology has `nodes:`, a mapping of names to nodes", "no-nodes")
            nodes = Mapping((), origin)
        read = tuple(self._node(name, key.origin, value) for name, key, value in nodes)
        self._compare(nodes, read)
        return Topology(
            name=self._name(tree),
            nodes=read,
            token=self._number(tree, "token"),
            pmtud_interval=self._number(tree, "pmtud_interval"),
        )

    def _name(self, tree: Mapping) -> str:
        node = tree.get("name")
        if node is None:
            self._problems.add(tree.origin, "a topology has a `name:`, that of the cluster", "no-name")
            return ""
        name = self._text(node)
        if name and not _CLUSTER_NAME.fullmatch(name):
            said = f"'{name}' is no name of a cluster: at most 15 letters, digits, dots, dashes, underscores"
            self._problems.add(node.origin, said, "bad-name")
        return name

    def _node(self, name: str, origin: Origin, value: Node) -> TopologyNode:
        if not _HOST.fullmatch(name):
            self._problems.add(origin, f"'{name}' is no name of a node", "bad-name")
        if not isinstance(value, Mapping):
            said = f"a node is a mapping like {{address: 192.0.2.11}}, not {describe_node(value)}"
            self._problems.add(value.origin, said, "wrong-type")
            return TopologyNode(name=name, addresses=())
        self._known(value, self.node_keys, "a node")
        container, ssh = (self._optional(value, key) for key in ("container", "ssh"))
        if container is not None and ssh is not None:
            said = f"node '{name}' is reached through a container or through ssh, not both"
            self._problems.add(value.origin, said, "two-ways")
        if ssh is not None and ssh.startswith("-"):
            self._problems.add(value.origin, f"'{ssh}' is no host", "bad-host")
        roles = value.get("roles")
        return TopologyNode(
            name=name,
            addresses=self._addresses(name, value),
            roles=self._texts(roles) if roles is not None else (),
            container=container,
            ssh=ssh,
        )

    def _addresses(self, name: str, value: Mapping) -> tuple[str, ...]:
        one, several = value.get("address"), value.get("addresses")
        given = one if one is not None else several
        if given is None or (one is not None and several is not None):
            said = f"node '{name}' has an `address:`, or `addresses:` for several links"
            self._problems.add(value.origin, said, "no-address")
            return ()
        addresses = self._texts(given)
        for address in addresses:
            if not _HOST.fullmatch(address):
                self._problems.add(given.origin, f"'{address}' is no address", "bad-address")
        if len(addresses) > _LINKS:
            self._problems.add(given.origin, f"corosync has at most {_LINKS} links", "too-many-links")
        return addresses

    def _compare(self, tree: Mapping, nodes: tuple[TopologyNode, ...]) -> None:
        """Nodes have equally many links, and no address twice."""
        origins = [key.origin for key, _ in tree.items]
        counts = Counter(address for node in nodes for address in node.addresses)
        model = next((node for node in nodes if node.addresses), None)
        for origin, node in zip(origins, nodes, strict=True):
            if model and node.addresses and len(node.addresses) != len(model.addresses):
                said = f"node '{node.name}' has {len(node.addresses)} addresses, '{model.name}' has "
                self._problems.add(origin, f"{said}{len(model.addresses)}; links join all nodes", "links")
            for address in node.addresses:
                if counts[address] > 1:
                    said = f"the address {address} of node '{node.name}' is given more than once"
                    self._problems.add(origin, said, "duplicate-address")

    def _number(self, tree: Mapping, key: str) -> int | None:
        node = tree.get(key)
        if node is None:
            return None
        low, high = _LIMITS[key]
        text = self._text(node)
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        if text:
            self._problems.add(node.origin, f"{key} is a number from {low} to {high}, not '{text}'", "number")
        return None

    def _optional(self, tree: Mapping, key: str) -> str | None:
        node = tree.get(key)
        return None if node is None else self._text(node)

    def _text(self, node: Node) -> str:
        if isinstance(node, Scalar) and node.text:
            return node.text
        self._problems.add(node.origin, f"a word belongs here, not {describe_node(node)}", "wrong-type")
        return ""

    def _texts(self, node: Node) -> tuple[str, ...]:
        return tuple(map(self._text, node.items if isinstance(node, Sequence) else (node,)))

    def _known(self, tree: Mapping, keys: Iterable[str], what: str) -> None:
        names = tuple(keys)
        for name, key, _ in tree:
            if name not in names:
                said = f"{what} has no key '{name}'{did_you_mean(name, names)}"
                self._problems.add(key.origin, said, "unknown-key")
