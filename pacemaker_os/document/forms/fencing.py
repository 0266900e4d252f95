"""Fencing levels.

fencing:
  controller01: [fence-ipmi-01, [fence-pdu-a, fence-pdu-b]]
"""

from __future__ import annotations

from typing import Any

from pacemaker_os.cib.administration import FencingLevel
from pacemaker_os.cib.values import MAX_LEVEL
from pacemaker_os.document.comments import with_comments
from pacemaker_os.document.forms.element import decode, encode, plain_element
from pacemaker_os.document.forms.reader import Reader
from pacemaker_os.document.forms.writer import Writer
from pacemaker_os.document.yaml.plain import Plain
from pacemaker_os.document.yaml.tree import Node, Sequence


def decode_fencing(node: Node, reader: Reader) -> list[FencingLevel]:
    """Return the fencing levels: a mapping has them by node, a list one by one."""
    if isinstance(node, Sequence):
        return [_decode_level(item, reader) for item in node.items]
    found = []
    for name, key, value in reader.mapping(node, "'fencing'"):
        levels = reader.sequence(value, f"the fencing levels of '{name}'")
        if len(levels) > MAX_LEVEL:
            message = f"node '{name}' has {len(levels)} fencing levels; Pacemaker supports {MAX_LEVEL}"
            reader.problem(levels[MAX_LEVEL], message, "wrong-value")
        for index, item in enumerate(levels, 1):
            devices = _decode_devices(item, reader)
            found.append(FencingLevel(target=name, index=str(index), devices=devices, origin=key.origin))
    return found


def _decode_level(node: Node, reader: Reader) -> FencingLevel:
    what = "fencing level"
    mapping = reader.mapping(node, what)
    fields: dict[str, Any] = {}
    if (devices := mapping.get("devices")) is not None:
        fields["devices"] = _decode_devices(devices, reader)
    level = decode(FencingLevel, mapping.without("devices"), reader, what, **fields)
    if not (level.target or level.target_pattern or (level.target_attribute and level.target_value)):
        message = f"{what} requires 'target', 'target-pattern', or 'target-attribute' and 'target-value'"
        reader.problem(mapping, message, "missing-key")
    return level


def _decode_devices(node: Node, reader: Reader) -> str:
    items = node.items if isinstance(node, Sequence) else (node,)
    return ",".join(reader.name(item, "a fencing device") or "" for item in items)


def encode_fencing(levels: tuple[FencingLevel, ...], writer: Writer) -> Plain:
    """Return the levels by node if that expresses them, else one by one."""
    by_target = _encode_by_target(levels)
    if by_target is not None:
        return by_target
    plain: list[Plain] = []
    for level in levels:
        body = encode(level, writer, without=("id", "devices") if level.id is None else ("devices",))
        body["devices"] = list((level.devices or "").split(","))
        plain.append(with_comments(body, level))
    return plain


def _encode_by_target(levels: tuple[FencingLevel, ...]) -> dict[str, Plain] | None:
    """Return the levels by node, None unless each node has the levels 1, 2, 3, ... and nothing else."""
    found: dict[str, list[Plain]] = {}
    ranked = sorted(levels, key=lambda level: level.index or "")
    for level in ranked:
        if level.target is None or level.id is not None or not plain_element(level) or level.comments:
            return None
        here = found.setdefault(level.target, [])
        if level.index != str(len(here) + 1):
            return None
        devices = (level.devices or "").split(",")
        here.append(devices[0] if len(devices) == 1 else list(devices))
    order = dict.fromkeys(level.target or "" for level in levels)
    return {target: list(found[target]) for target in order}
