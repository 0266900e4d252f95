"""Resource sets: a list of names if the set contains nothing else, else a mapping.

sets: [[a, b], {resources: [c, d], sequential: false}, {ref: another-set}]
"""

from __future__ import annotations

from pacemaker_os.cib.constraints import ResourceSet
from pacemaker_os.cib.table import Children, layout
from pacemaker_os.document.forms.common import decode_names
from pacemaker_os.document.forms.element import decode, encode
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Node, Sequence

_MEMBERS = next(spec for spec in layout(ResourceSet).children)


def decode_sets(spec: Children, node: Node, reader: Reader) -> tuple[ResourceSet, ...]:
    return tuple(_decode_set(item, reader) for item in reader.sequence(node, f"'{spec.key}'"))


def _decode_set(node: Node, reader: Reader) -> ResourceSet:
    if isinstance(node, Sequence):
        members = decode_names(_MEMBERS, node, reader)
        return ResourceSet(members=members, origin=node.origin)
    return decode(ResourceSet, reader.mapping(node, "resource set"), reader, "resource set")


def encode_sets(spec: Children, value: tuple[ResourceSet, ...], writer: Writer) -> Plain:
    items: list[Plain] = []
    for each in value:
        plain = encode(each, writer, without=() if each.id in writer.referenced else ("id",))
        items.append(plain["resources"] if list(plain) == ["resources"] else plain)
    return items
