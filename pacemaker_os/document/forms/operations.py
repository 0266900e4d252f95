"""Operations: by name, several of a name in a list, or all in a list.

    operations: {start: {timeout: 60s}, monitor: 30s}
    operations: {monitor: [{interval: 10s, role: Promoted}, {interval: 11s}]}
    operations: [{name: monitor, interval: 30s}]
    operations: {ref: operations-of-another}

Where the interval is not said it is 0: the action that the cluster runs by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pacemaker_os.cib.resources import Operation, Operations
from pacemaker_os.cib.table import Children
from pacemaker_os.document.forms.element import decode, encode, plain_element
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Mapping, Node, Scalar, Sequence, is_null

ZERO = "0s"


def decode_operations(spec: Children, node: Node, reader: Reader) -> Operations:
    if isinstance(node, Sequence):
        return Operations(operations=_list(node, reader), origin=node.origin)
    found: list[Operation] = []
    own: dict[str, Any] = {}
    for name, _key, value in reader.mapping(node, "'operations'"):
        if name in ("id", "ref") and isinstance(value, Scalar):
            own["id" if name == "id" else "id_ref"] = reader.text(value, f"'{name}'")
        elif name == "list" and isinstance(value, Sequence):
            found += _list(value, reader)
        else:
            found += decode_operation(name, value, reader)
    return Operations(operations=tuple(found), origin=node.origin, **own)


def decode_operation(name: str, node: Node, reader: Reader) -> tuple[Operation, ...]:
    """Return the operations of one name: an interval, a mapping, or a list of them."""
    if isinstance(node, Sequence):
        return tuple(_one(name, item, reader) for item in node.items)
    return (_one(name, node, reader),)


def _one(name: str, node: Node, reader: Reader) -> Operation:
    what = f"the operation '{name}'"
    if isinstance(node, Scalar) and not is_null(node):
        node = Mapping(((Scalar("interval", node.origin), node),), node.origin)
    return _with_interval(
        decode(Operation, reader.mapping(node, what), reader, what, name=name), node, reader
    )


def _list(node: Sequence, reader: Reader) -> tuple[Operation, ...]:
    what = "an operation"
    return tuple(
        _with_interval(decode(Operation, reader.mapping(item, what), reader, what), item, reader)
        for item in node.items
    )


def _with_interval(operation: Operation, node: Node, reader: Reader) -> Operation:
    if operation.interval is not None:
        return operation
    if operation.name == "monitor":
        reader.problem(node, "a monitor needs its interval, as in `monitor: 30s`", "missing-interval")
    return replace(operation, interval=ZERO)


def encode_operations(spec: Children, value: Operations, writer: Writer) -> Plain:
    said: dict[str, Plain] = {}
    if value.id is not None and value.id in writer.referenced:
        said["id"] = value.id
    if value.id_ref is not None:
        said["ref"] = value.id_ref
    by_name: dict[str, list[Plain]] = {}
    for operation in value.operations:
        by_name.setdefault(operation.name or "", []).append(_entry(operation, writer))
    if "list" in by_name or "" in by_name:
        said["list"] = [_full(operation, writer) for operation in value.operations]
        return said
    for name, entries in by_name.items():
        # `id` and `ref` with a text are not operations; with a mapping they are.
        alone = len(entries) == 1 and not (name in ("id", "ref") and isinstance(entries[0], str))
        said[name] = entries[0] if alone else entries
    return said or None


def single_monitor(value: Operations | None, writer: Writer) -> Plain:
    """Return what `monitor:` says when the operations are one monitor and nothing else, else None."""
    if value is None or value.id_ref or value.id in writer.referenced or not plain_element(value):
        return None
    if len(value.operations) != 1 or value.operations[0].name != "monitor":
        return None
    return _entry(value.operations[0], writer)


def _entry(operation: Operation, writer: Writer) -> Plain:
    said = _full(operation, writer)
    said.pop("name", None)
    return said["interval"] if list(said) == ["interval"] else said


def _full(operation: Operation, writer: Writer) -> dict[str, Plain]:
    said = encode(operation, writer, without=() if operation.id in writer.referenced else ("id",))
    if said.get("interval") == ZERO and operation.name != "monitor":
        del said["interval"]
    return said
