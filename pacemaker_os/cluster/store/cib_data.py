"""The bytes of a CIB: from a file, from a compressed file of the scheduler, or from standard input."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from pacemaker_os.cluster.target import STANDARD_INPUT
from pacemaker_os.errors import UnreadableFile

#: Maximum size of a CIB, in bytes. A compressed file could otherwise fill the memory.
MAX_BYTES = 512 * 1024 * 1024


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _gzip() -> _Decompressor:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


#: First bytes of the formats, and their decompressors. The scheduler writes bz2 (pe-input-*.bz2).
_FORMATS: dict[bytes, tuple[str, Callable[[], _Decompressor]]] = {
    b"BZh": ("bzip2", bz2.BZ2Decompressor),
    b"\x1f\x8b": ("gzip", _gzip),
    b"\xfd7zXZ\x00": ("xz", lzma.LZMADecompressor),
}


def read_cib_data(path: Path) -> bytes:
    """Return the XML of a CIB file, of a compressed one, or of standard input (`-`).

    Raises:
        OSError: The file cannot be read.
        ClusterError: The compressed data is damaged or too large.
    """
    data = _standard_input() if is_standard_input(path) else path.read_bytes()
    found = _format(data)
    if found is None:
        return data
    name, make = found
    decompressor = make()
    try:
        text = decompressor.decompress(data, MAX_BYTES)
    except (OSError, zlib.error, lzma.LZMAError, EOFError):
        text = b""
    if not decompressor.eof:
        cause = (
            f"larger than {MAX_BYTES // 1024 // 1024} MiB"
            if len(text) == MAX_BYTES
            else "incomplete or damaged"
        )
        raise UnreadableFile(str(path), f"the {name} data is {cause}")
    return text


def read_only_reason(path: Path) -> str:
    """Return the reason why a CIB can only be read; empty if it can be written."""
    if is_standard_input(path):
        return "it is standard input"
    try:
        with path.open("rb") as file:
            found = _format(file.read(max(map(len, _FORMATS))))
    except OSError:
        return ""
    return f"it is compressed ({found[0]})" if found else ""


@contextmanager
def plain_file(path: Path) -> Iterator[Path]:
    """Return a CIB file that Pacemaker's tools can read: the file itself, or a temporary plain copy.

    Raises:
        OSError, ClusterError: As for `read_cib_data`.
    """
    if not read_only_reason(path):
        yield path
        return
    with TemporaryDirectory(prefix="pcs-os-") as directory:
        copy = Path(directory) / "cib.xml"
        copy.write_bytes(read_cib_data(path))
        yield copy


def is_standard_input(path: Path) -> bool:
    """Return whether a path stands for standard input."""
    return str(path) == STANDARD_INPUT


def _format(data: bytes) -> tuple[str, Callable[[], _Decompressor]] | None:
    return next((found for magic, found in _FORMATS.items() if data.startswith(magic)), None)


@cache
def _standard_input() -> bytes:
    """Return the content of standard input, which can be read only once."""
    return sys.stdin.buffer.read(MAX_BYTES)
