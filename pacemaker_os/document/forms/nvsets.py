"""Sets of pairs: a mapping where there is one plain set, else a list of sets.

    params: {ip: 192.0.2.1, cidr_netmask: 24}
    params:
      - {where: "osprole eq controller", score: 10, values: {ip: 192.0.2.1}}
      - {ref: another-set}
    values: [{name: ip, value: 192.0.2.1}, {ref: another-pair}]

A pair whose value is null has no value, and Pacemaker passes it over.
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib.nvsets import NvPair, NvSet
from pacemaker_os.cib.table import Children
from pacemaker_os.document.forms.element import decode, encode, plain_element
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, describe_node, is_null


def decode_sets(spec: Children, node: Node, reader: Reader) -> tuple[NvSet, ...]:
    """Return the sets of the class that `spec` says."""
    return decode_sets_of(spec.classes[0], node, reader, f"'{spec.key}'")


def decode_sets_of(cls: Any, node: Node, reader: Reader, what: str) -> tuple[Any, ...]:
    """Return sets of class `cls`."""
    if isinstance(node, Sequence):
        return tuple(decode(cls, reader.mapping(item, what), reader, what) for item in node.items)
    pairs = _pairs(reader.mapping(node, what), reader, what)
    return (cls(nvpairs=pairs, origin=node.origin),) if pairs else ()


def encode_sets(spec: Children, sets: tuple[NvSet, ...], writer: Writer) -> Plain:
    """Return None when the sets say nothing."""
    said = [each for each in sets if each.nvpairs or each.id_ref or _kept(each, writer)]
    if not said:
        return None
    if len(said) == 1 and (pairs := plain_pairs(said[0], writer)) is not None:
        return pairs
    return [encode_set(each, writer) for each in said]


def plain_pairs(nvset: NvSet, writer: Writer) -> dict[str, Plain] | None:
    """Return the pairs of a set that says nothing else, None when it does."""
    if nvset.id_ref or nvset.score is not None or nvset.rule or _kept(nvset, writer):
        return None
    return _plain_mapping(nvset.nvpairs, writer)


def encode_set(nvset: NvSet, writer: Writer) -> Plain:
    """Return the long form of one set."""
    return encode(nvset, writer, without=() if nvset.id in writer.referenced else ("id",))


def decode_pairs(spec: Children, node: Node, reader: Reader) -> tuple[NvPair, ...]:
    """`values:` of a long form."""
    if isinstance(node, Sequence):
        what = "a pair"
        return tuple(decode(NvPair, reader.mapping(item, what), reader, what) for item in node.items)
    return _pairs(reader.mapping(node, "'values'"), reader, "'values'")


def encode_pairs(spec: Children, pairs: tuple[NvPair, ...], writer: Writer) -> Plain:
    mapping = _plain_mapping(pairs, writer)
    if mapping is not None:
        return mapping
    return [encode(pair, writer, without=() if pair.id in writer.referenced else ("id",)) for pair in pairs]


def _kept(nvset: NvSet, writer: Writer) -> bool:
    return nvset.id in writer.referenced or not plain_element(nvset)


def _pairs(mapping: Mapping, reader: Reader, what: str) -> tuple[NvPair, ...]:
    found = []
    for name, key, value in mapping:
        if is_null(value):
            found.append(NvPair(name=name, origin=key.origin))
        elif isinstance(value, Scalar):
            text = reader.text(value, f"'{name}'")
            found.append(NvPair(name=name, value=text, origin=value.origin))
        else:
            said = f"'{name}' in {what} must be a text, not {describe_node(value)}"
            reader.problem(value, said, "wrong-type")
    return tuple(found)


def _plain_mapping(pairs: tuple[NvPair, ...], writer: Writer) -> dict[str, Plain] | None:
    """Return name -> value; None when a name is missing or comes twice, or there is more to say."""
    found: dict[str, Plain] = {}
    for pair in pairs:
        if pair.name is None or pair.name in found or pair.id_ref is not None:
            return None
        if pair.id in writer.referenced or not plain_element(pair):
            return None
        found[pair.name] = pair.value
    return found
