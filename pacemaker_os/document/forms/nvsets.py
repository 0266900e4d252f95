"""Sets of name-value pairs: a mapping for one plain set, else a list of sets.

    params: {ip: 192.0.2.1, cidr_netmask: 24}
    params:
      - {where: "osprole eq controller", score: 10, values: {ip: 192.0.2.1}}
      - {ref: another-set}
    values: [{name: ip, value: 192.0.2.1}, {ref: another-pair}]

A pair with the value null has no value, and Pacemaker ignores it.
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib.nvsets import InstanceAttributes, MetaAttributes, NvPair, NvSet, Utilization
from pacemaker_os.cib.table import Children
from pacemaker_os.document.forms.element import UNKNOWN, decode, encode, own_keys, plain_element
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null


def decode_sets(spec: Children, node: Node, reader: Reader) -> tuple[NvSet, ...]:
    """Return the sets of the class in `spec`."""
    return decode_sets_of(spec.classes[0], node, reader, f"'{spec.key}'")


def decode_sets_of(cls: Any, node: Node, reader: Reader, what: str) -> tuple[Any, ...]:
    """Return sets of class `cls`."""
    if isinstance(node, Sequence):
        return tuple(decode(cls, reader.mapping(item, what), reader, what) for item in node.items)
    mapping = reader.mapping(node, what)
    for name, key, _ in mapping:
        if name in _reserved(cls):
            message = (
                f"'{name}' in {what} is a key of a whole set; use a list of sets such as "
                f"[{{{name}: ..., values: {{...}}}}], or "
                f"[{{values: {{{name}: ...}}}}] for a pair of this name"
            )
            reader.problem(key, message, "reserved-name")
    pairs = _decode_plain(mapping, reader, what)
    return (cls(nvpairs=pairs, origin=node.origin),) if pairs else ()


def encode_sets(spec: Children, sets: tuple[NvSet, ...], writer: Writer) -> Plain:
    """Return the pairs of one plain set, else a list of sets; None if all sets are empty."""
    filled = [each for each in sets if not is_omitted(each, writer)]
    if not filled:
        return None
    if len(filled) == 1 and (pairs := plain_pairs(filled[0], writer)) is not None:
        return pairs
    return [encode_set(each, writer) for each in filled]


def is_omitted(nvset: NvSet, writer: Writer) -> bool:
    """Return whether a document can omit a set, because it is empty and nothing refers to it."""
    return not (nvset.nvpairs or nvset.id_ref or _has_more(nvset, writer))


def plain_pairs(nvset: NvSet, writer: Writer) -> dict[str, Plain] | None:
    """Return the pairs of a set that contains nothing else, None otherwise."""
    if nvset.id_ref or nvset.score is not None or nvset.rule or _has_more(nvset, writer):
        return None
    pairs = _encode_plain(nvset.nvpairs, writer)
    return pairs if pairs is not None and _reserved(type(nvset)).isdisjoint(pairs) else None


def _reserved(cls: type[NvSet]) -> frozenset[str]:
    """Return the names that a mapping of pairs cannot contain, because they are keys of a whole set.

    Agents, nodes and utilization can have attributes with any name. There, only the keys that replace the
    pairs or select when they apply are reserved.
    """
    return _REFERENCES if cls in (InstanceAttributes, Utilization) else _SET_KEYS


_REFERENCES = frozenset(("ref", "where"))
_SET_KEYS = own_keys(MetaAttributes) - {UNKNOWN}


def encode_set(nvset: NvSet, writer: Writer) -> Plain:
    """Return the long form of one set."""
    return encode(nvset, writer, without=() if nvset.id in writer.referenced else ("id",))


def decode_pairs(spec: Children, node: Node, reader: Reader) -> tuple[NvPair, ...]:
    """Return the pairs under `values:` of a long form."""
    if isinstance(node, Sequence):
        what = "name-value pair"
        return tuple(decode(NvPair, reader.mapping(item, what), reader, what) for item in node.items)
    return _decode_plain(reader.mapping(node, "'values'"), reader, "'values'")


def encode_pairs(spec: Children, pairs: tuple[NvPair, ...], writer: Writer) -> Plain:
    mapping = _encode_plain(pairs, writer)
    if mapping is not None:
        return mapping
    return [encode(pair, writer, without=() if pair.id in writer.referenced else ("id",)) for pair in pairs]


def _has_more(nvset: NvSet, writer: Writer) -> bool:
    """Return whether a mapping of pairs would lose the id or unknown parts of the set."""
    return nvset.id in writer.referenced or not plain_element(nvset)


def _decode_plain(mapping: Mapping, reader: Reader, what: str) -> tuple[NvPair, ...]:
    found = []
    for name, key, value in mapping:
        if is_null(value):
            found.append(NvPair(name=name, origin=key.origin))
        elif isinstance(value, Scalar):
            text = reader.text(value, f"'{name}'")
            found.append(NvPair(name=name, value=text, origin=value.origin))
        else:
            message = f"'{name}' in {what} must be a string, not {describe_node(value)}"
            reader.problem(value, message, "wrong-type")
    return tuple(found)


def _encode_plain(pairs: tuple[NvPair, ...], writer: Writer) -> dict[str, Plain] | None:
    """Return the values by name; None if a name is missing, empty or duplicate, or a pair contains more."""
    found: dict[str, Plain] = {}
    for pair in pairs:
        if not pair.name or pair.name in found or pair.id_ref is not None:
            return None
        if pair.id in writer.referenced or not plain_element(pair):
            return None
        found[pair.name] = pair.value
    return found
