"""The part of BSON that MongoDB's administrative commands use (bsonspec.org)."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Sizes of types that are skipped, because no value of these types is needed.
SKIPPED = {0x07: 12, 0x09: 8, 0x11: 8, 0x13: 16}


def encode(document: Mapping[str, object]) -> bytes:
    """Return a document as bytes. Values: bool, int, float, str, None, mappings, lists."""
    body = b"".join(element(name, value) for name, value in document.items())
    return struct.pack("<i", len(body) + 5) + body + b"\0"


def element(name: str, value: object) -> bytes:
    """Return one field as bytes."""
    key = name.encode() + b"\0"
    if isinstance(value, bool):
        return b"\x08" + key + bytes([value])
    if isinstance(value, int):
        small = -(2**31) <= value < 2**31
        return (b"\x10" if small else b"\x12") + key + struct.pack("<i" if small else "<q", value)
    if isinstance(value, float):
        return b"\x01" + key + struct.pack("<d", value)
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return b"\x02" + key + struct.pack("<i", len(text)) + text
    if value is None:
        return b"\x0a" + key
    if isinstance(value, dict):
        return b"\x03" + key + encode(value)
    if isinstance(value, list):
        return b"\x04" + key + encode({str(place): item for place, item in enumerate(value)})
    raise TypeError(f"cannot encode {type(value).__name__} as BSON")


def decode(data: bytes) -> dict[str, object]:
    """Return a document from bytes. Raises ValueError if they are invalid."""
    try:
        return fields(data, 0)[0]
    except (struct.error, IndexError, UnicodeDecodeError, KeyError) as error:
        raise ValueError(f"invalid BSON: {error}") from None


def fields(data: bytes, place: int) -> tuple[dict[str, object], int]:
    """Return the document at `place`, and the position after it."""
    end = place + struct.unpack_from("<i", data, place)[0]
    place += 4
    found: dict[str, object] = {}
    while data[place]:
        kind = data[place]
        stop = data.index(b"\0", place + 1)
        name = data[place + 1 : stop].decode()
        found[name], place = value_at(kind, data, stop + 1)
    return found, end


def value_at(kind: int, data: bytes, place: int) -> tuple[object, int]:
    """Return the value of type `kind` at `place`, None if it is skipped, and the position after it."""
    if kind in SKIPPED:
        return None, place + SKIPPED[kind]
    if kind == 0x01:
        return struct.unpack_from("<d", data, place)[0], place + 8
    if kind == 0x02:
        size = struct.unpack_from("<i", data, place)[0]
        return data[place + 4 : place + 3 + size].decode(), place + 4 + size
    if kind in (0x03, 0x04):
        found, end = fields(data, place)
        return (list(found.values()) if kind == 0x04 else found), end
    if kind == 0x05:
        return None, place + 5 + struct.unpack_from("<i", data, place)[0]
    if kind == 0x08:
        return bool(data[place]), place + 1
    if kind == 0x0A:
        return None, place
    if kind == 0x10:
        return struct.unpack_from("<i", data, place)[0], place + 4
    if kind == 0x12:
        return struct.unpack_from("<q", data, place)[0], place + 8
    raise KeyError(kind)
