"""Reader of topology files, in YAML:

    name: ha
    token: 1000                # ms; optional, as is pmtud_interval (s)
    nodes:
      controller01: {address: 192.0.2.11, ssh: root@controller01, roles: [controller]}
      controller02: {addresses: [192.0.2.12, 198.51.100.12], container: lab-controller02}

A node without `ssh` or `container` is this machine. Every problem is reported with its line.
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
from pacemaker_os.errors import InputError, Problem, file_problem
from pacemaker_os.text import did_you_mean

#: A host name, an IPv4 address or an IPv6 address.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")

#: Limits of corosync: token in milliseconds, MTU discovery interval in seconds.
_LIMITS = {"token": (30, 600_000), "pmtud_interval": (1, 3600)}

#: Maximum number of links in corosync.
_LINKS = 8


def load_topology(path: str) -> Topology:
    """Read a topology file. Raises InputError when it is unreadable or invalid."""
    return read_topology(read_text(path), file=path)


def read_text(path: str) -> str:
    """Return the text of a topology file. Raises InputError when it is unreadable."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError([file_problem(path, error)]) from None
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8: byte {error.start + 1} is {error.object[error.start]:#04x}"
        raise InputError([Problem(path, 0, 0, message, "not-utf-8")]) from None


def read_topology(text: str, *, file: str) -> Topology:
    """Read a topology from text. Raises InputError with all problems."""
    problems = Problems()
    tree = read_yaml(text, file, problems)
    problems.raise_any()
    assert tree is not None, "read_yaml adds a problem if it returns no tree"
    topology = TopologyReader(problems).topology(tree)
    problems.raise_any()
    return topology


class TopologyReader:
    """Converts the YAML tree to values, and collects problems. An invalid value is read as an empty one."""

    #: Keys of a topology and of its nodes; subclasses add their own.
    keys: tuple[str, ...] = ("name", "token", "pmtud_interval", "nodes")
    node_keys: tuple[str, ...] = ("address", "addresses", "roles", "container", "ssh")

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def topology(self, tree: Mapping) -> Topology:
        self._known(tree, self.keys, "the topology")
        nodes = tree.get("nodes")
        if not isinstance(nodes, Mapping) or not nodes.items:
            origin = tree.origin if nodes is None else nodes.origin
            self._problems.add(
                origin, "the topology requires `nodes:`, a mapping of names to nodes", "no-nodes"
            )
            nodes = Mapping((), origin)
        read = tuple(self._node(name, key.origin, value) for name, key, value in nodes)
        self._check_addresses(nodes, read)
        return Topology(
            name=self._name(tree),
            nodes=read,
            token=self._number(tree, "token"),
            pmtud_interval=self._number(tree, "pmtud_interval"),
        )

    def _name(self, tree: Mapping) -> str:
        node = tree.get("name")
        if node is None:
            self._problems.add(
                tree.origin, "the topology requires `name:`, the name of the cluster", "no-name"
            )
            return ""
        name = self._text(node)
        if name and not _CLUSTER_NAME.fullmatch(name):
            rule = "use at most 15 letters, digits, dots, dashes and underscores"
            self._problems.add(node.origin, f"invalid cluster name '{name}'; {rule}", "bad-name")
        return name

    def _node(self, name: str, origin: Origin, value: Node) -> TopologyNode:
        if not _HOST.fullmatch(name):
            self._problems.add(origin, f"'{name}' is not a valid node name", "bad-name")
        if not isinstance(value, Mapping):
            message = f"a node is a mapping such as {{address: 192.0.2.11}}, not {describe_node(value)}"
            self._problems.add(value.origin, message, "wrong-type")
            return TopologyNode(name=name, addresses=())
        self._known(value, self.node_keys, f"node '{name}'")
        container, ssh = (self._optional(value, key) for key in ("container", "ssh"))
        if container is not None and ssh is not None:
            message = f"`container` and `ssh` of node '{name}' are mutually exclusive"
            self._problems.add(value.origin, message, "exclusive-options")
        if ssh is not None and ssh.startswith("-"):
            self._problems.add(value.origin, f"'{ssh}' is not a valid host", "bad-host")
        roles = value.get("roles")
        return TopologyNode(
            name=name,
            addresses=self._addresses(name, value),
            roles=self._texts(roles) if roles is not None else (),
            container=container,
            ssh=ssh,
        )

    def _addresses(self, name: str, value: Mapping) -> tuple[str, ...]:
        single, multiple = value.get("address"), value.get("addresses")
        given = single if single is not None else multiple
        if given is None or (single is not None and multiple is not None):
            message = f"node '{name}' requires either `address:` or, for several links, `addresses:`"
            self._problems.add(value.origin, message, "no-address")
            return ()
        addresses = self._texts(given)
        for address in addresses:
            if not _HOST.fullmatch(address):
                self._problems.add(given.origin, f"'{address}' is not a valid address", "bad-address")
        if len(addresses) > _LINKS:
            self._problems.add(given.origin, f"corosync supports at most {_LINKS} links", "too-many-links")
        return addresses

    def _check_addresses(self, tree: Mapping, nodes: tuple[TopologyNode, ...]) -> None:
        """Check that nodes have the same number of links, and that addresses are unique."""
        origins = [key.origin for key, _ in tree.items]
        counts = Counter(address for node in nodes for address in node.addresses)
        first = next((node for node in nodes if node.addresses), None)
        for origin, node in zip(origins, nodes, strict=True):
            if first and node.addresses and len(node.addresses) != len(first.addresses):
                counted = f"node '{node.name}' has {len(node.addresses)} addresses, but '{first.name}' has"
                message = f"{counted} {len(first.addresses)}; every link connects all nodes"
                self._problems.add(origin, message, "links")
            for address in node.addresses:
                if counts[address] > 1:
                    message = f"duplicate address {address} of node '{node.name}'"
                    self._problems.add(origin, message, "duplicate-address")

    def _number(self, tree: Mapping, key: str) -> int | None:
        node = tree.get(key)
        if node is None:
            return None
        low, high = _LIMITS[key]
        text = self._text(node)
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        if text:
            self._problems.add(
                node.origin, f"{key} must be a number from {low} to {high}, not '{text}'", "number"
            )
        return None

    def _optional(self, tree: Mapping, key: str) -> str | None:
        node = tree.get(key)
        return None if node is None else self._text(node)

    def _text(self, node: Node) -> str:
        if isinstance(node, Scalar) and node.text:
            return node.text
        self._problems.add(node.origin, f"expected a single value, not {describe_node(node)}", "wrong-type")
        return ""

    def _texts(self, node: Node) -> tuple[str, ...]:
        return tuple(map(self._text, node.items if isinstance(node, Sequence) else (node,)))

    def _known(self, tree: Mapping, keys: Iterable[str], owner: str) -> None:
        names = tuple(keys)
        for name, key, _ in tree:
            if name not in names:
                message = f"unknown key '{name}' in {owner}{did_you_mean(name, names)}"
                self._problems.add(key.origin, message, "unknown-key")
