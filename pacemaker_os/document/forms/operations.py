"""Operations: by name, with a list for several of one name, or all in a list.

    operations: {start: {timeout: 60s}, monitor: 30s}
    operations: {monitor: [{interval: 10s, role: Promoted}, {interval: 11s}]}
    operations: [{name: monitor, interval: 30s}]
    operations: {ref: operations-of-another}

Without an interval it is 0: the action that the cluster schedules when it is needed.
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
    """Return the operations of a resource."""
    if isinstance(node, Sequence):
        return Operations(operations=_decode_list(node, reader), origin=node.origin)
    found: list[Operation] = []
    attributes: dict[str, Any] = {}
    for name, _key, value in reader.mapping(node, "'operations'"):
        if name in ("id", "ref") and isinstance(value, Scalar):
            attributes["id" if name == "id" else "id_ref"] = reader.text(value, f"'{name}'")
        elif name == "list" and isinstance(value, Sequence):
            found += _decode_list(value, reader)
        else:
            found += decode_operation(name, value, reader)
    return Operations(operations=tuple(found), origin=node.origin, **attributes)


def decode_operation(name: str, node: Node, reader: Reader) -> tuple[Operation, ...]:
    """Return the operations of one name: an interval, a mapping, or a list of these."""
    if isinstance(node, Sequence):
        return tuple(_decode_one(name, item, reader) for item in node.items)
    return (_decode_one(name, node, reader),)


def _decode_one(name: str, node: Node, reader: Reader) -> Operation:
    what = f"operation '{name}'"
    if isinstance(node, Scalar) and not is_null(node):
        node = Mapping(((Scalar("interval", node.origin), node),), node.origin)
    return _with_interval(
        decode(Operation, reader.mapping(node, what), reader, what, name=name), node, reader
    )


def _decode_list(node: Sequence, reader: Reader) -> tuple[Operation, ...]:
    what = "operation"
    return tuple(
        _with_interval(decode(Operation, reader.mapping(item, what), reader, what), item, reader)
        for item in node.items
    )


def _with_interval(operation: Operation, node: Node, reader: Reader) -> Operation:
    if operation.interval is not None:
        return operation
    if operation.name == "monitor":
        reader.problem(
            node, "a monitor requires an interval (for example, `monitor: 30s`)", "missing-interval"
        )
    return replace(operation, interval=ZERO)


def encode_operations(spec: Children, value: Operations, writer: Writer) -> Plain:
    """Return the operations by name, or as a list if their names do not allow that."""
    keys: dict[str, Plain] = {}
    if value.id is not None and value.id in writer.referenced:
        keys["id"] = value.id
    if value.id_ref is not None:
        keys["ref"] = value.id_ref
    by_name: dict[str, list[Plain]] = {}
    for operation in value.operations:
        by_name.setdefault(operation.name or "", []).append(_encode_entry(operation, writer))
    if "list" in by_name or "" in by_name:
        keys["list"] = [_encode_operation(operation, writer) for operation in value.operations]
        return keys
    for name, entries in by_name.items():
        # The keys `id` and `ref` are operations only if their value is a collection.
        alone = len(entries) == 1 and not (name in ("id", "ref") and isinstance(entries[0], str))
        keys[name] = entries[0] if alone else entries
    return keys or None


def single_monitor(value: Operations | None, writer: Writer) -> Plain:
    """Return the value of `monitor:` if the operations are a single monitor, None otherwise."""
    if value is None or value.id_ref or value.id in writer.referenced or not plain_element(value):
        return None
    if len(value.operations) != 1 or value.operations[0].name != "monitor":
        return None
    return _encode_entry(value.operations[0], writer)


def _encode_entry(operation: Operation, writer: Writer) -> Plain:
    keys = _encode_operation(operation, writer)
    keys.pop("name", None)
    return keys["interval"] if list(keys) == ["interval"] else keys


def _encode_operation(operation: Operation, writer: Writer) -> dict[str, Plain]:
    keys = encode(operation, writer, without=() if operation.id in writer.referenced else ("id",))
    if keys.get("interval") == ZERO and operation.name != "monitor":
        del keys["interval"]
    return keys
