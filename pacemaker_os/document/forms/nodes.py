"""Nodes by name, or by a range of names, with their node attributes.

nodes:
  controller0[1-3]: {osprole: controller}
  compute21: {type: remote, osprole: compute}
  compute[01-12,20]: {attributes: {osprole: compute}, utilization: {cpu: 16}, type: remote}
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from pacemaker_os.cib.nodes import Node as ClusterNode
from pacemaker_os.cib.nvsets import InstanceAttributes
from pacemaker_os.document.forms.element import UNKNOWN, decode, encode, own_keys, split_own
from pacemaker_os.document.forms.nvsets import decode_sets_of
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Node
from pacemaker_os.text import is_successor, node_range

#: Maximum number of nodes in a range; a larger range is a typing error.
MAX_NODES = 10_000
_RANGE = re.compile(r"\[([0-9,\-]*)\]")


def decode_nodes(node: Node, reader: Reader) -> list[ClusterNode]:
    """Return the nodes that `nodes:` declares."""
    found: dict[str, ClusterNode] = {}
    for name, key, value in reader.mapping(node, "'nodes'"):
        what = f"node '{name}'"
        body = reader.mapping(value, what)
        try:
            names = expand(name)
        except ValueError as error:
            reader.problem(key, f"invalid node range '{name}': {error}", "range")
            continue
        own, free = split_own(ClusterNode, body, "uname")
        node_values = decode(ClusterNode, own, reader, what, uname=None)
        if free is not None:
            sets = decode_sets_of(InstanceAttributes, free, reader, what)
            node_values = replace(node_values, instance_attributes=sets)
        for each in names:
            # Pacemaker compares names of nodes without regard to case (`pcmk__str_casei`).
            same = each.lower()
            if same in found:
                other = found[same].uname
                alias = "" if other == each else f" (as '{other}'; Pacemaker ignores case in names of nodes)"
                reader.problem(key, f"node '{each}' is declared twice{alias}", "duplicate-node")
            found[same] = replace(node_values, uname=each, origin=key.origin)
    return list(found.values())


def expand(name: str) -> list[str]:
    """Return the names in a range: `n[1-3]` is n1, n2, n3, with the leading zeros of the range.

    Doubled brackets are literal: `n[[1]]` is the single node `n[1]`. Raises ValueError.
    """
    if "[[" in name or "]]" in name:
        return [name.replace("[[", "[").replace("]]", "]")]
    parts = _RANGE.split(name)
    if any("[" in part or "]" in part for part in parts[::2]):
        raise ValueError("use the form controller0[1-3]")
    choices = [[part] if i % 2 == 0 else list(_numbers(part)) for i, part in enumerate(parts)]
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > MAX_NODES:
        raise ValueError(f"it has more than {MAX_NODES:,} nodes")
    return ["".join(each) for each in product(*choices)]


def _numbers(text: str) -> Iterable[str]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or len(part) > 20:
            raise ValueError("use the form controller0[1-3]")
        width = len(first) if first.startswith("0") or len(first) == len(last) else 0
        end = int(last) if dash else int(first)
        if end < int(first):
            raise ValueError(f"{first} is greater than {last}")
        if end - int(first) > MAX_NODES:
            raise ValueError(f"it has more than {MAX_NODES:,} nodes")
        yield from (str(number).zfill(width) for number in range(int(first), end + 1))


def encode_nodes(nodes: tuple[ClusterNode, ...], writer: Writer) -> dict[str, Plain]:
    """Return the nodes by name; consecutive nodes with equal attributes become a range."""
    items = [(node.uname or node.id or "", _encode_body(node, writer)) for node in nodes]
    found: dict[str, Plain] = {}
    at = 0
    while at < len(items):
        name, body = items[at]
        end = at + 1
        if "[" in name or "]" in name:
            found[name.replace("[", "[[").replace("]", "]]")] = body
            at = end
            continue
        while end < len(items) and items[end][1] == body and is_successor(items[end][0], items[end - 1][0]):
            end += 1
        if end - at > 1:
            name = node_range(name, items[end - 1][0])
        found[name] = body
        at = end
    return found


def _encode_body(node: ClusterNode, writer: Writer) -> Plain:
    without = ["uname"]
    if node.id == node.uname:
        without.append("id")
    keys = encode(node, writer, without=tuple(without))
    attributes = keys.get("attributes", {})
    own = own_keys(ClusterNode, "uname")
    if not keys.keys() - {"attributes"} and isinstance(attributes, dict) and own.isdisjoint(attributes):
        return attributes
    return keys if keys.keys() & {"attributes", "utilization", UNKNOWN} else {"attributes": {}, **keys}
