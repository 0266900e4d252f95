"""A folder of small files that only its owner reads: on a node, or on this machine beside a CIB file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport


class Shelf(Protocol):
    """Where files are kept by name; every name is one of its own making."""

    def names(self) -> list[str]:
        """The names of all files, sorted; none where there is no folder yet."""

    def read(self, name: str) -> bytes:
        """A file's content."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, whole or not at all; the folder is made if need be."""

    def remove(self, names: Collection[str]) -> None:
        """Throw files away."""


@dataclass(frozen=True, slots=True)
class NodeShelf:
    """A folder of root's on a node. Raises TransportError where the node cannot be reached, or refuses."""

    transport: Transport
    folder: str

    def names(self) -> list[str]:
        return sorted(self.transport.run(["ls", "-1", "--", self.folder], ok=()).text.splitlines())

    def read(self, name: str) -> bytes:
        return self.transport.get(f"{self.folder}/{name}")

    def write(self, name: str, data: bytes) -> None:
        self.transport.run(["mkdir", "-p", "-m", "0700", "--", self.folder])
        self.transport.put(data, f"{self.folder}/{name}", mode=0o600)

    def remove(self, names: Collection[str]) -> None:
        if names:
            self.transport.run(["rm", "-f", "--", *(f"{self.folder}/{name}" for name in names)])


@dataclass(frozen=True, slots=True)
class LocalShelf:
    """A folder of whoever runs this. Raises ClusterError where it cannot be read or written."""

    folder: Path

    def names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _refused(self.folder, error) from None

    def read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise _refused(self.folder / name, error) from None

    def write(self, name: str, data: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp makes a file that nobody else can read.
            handle, part = tempfile.mkstemp(dir=self.folder, prefix=".")
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(part).replace(self.folder / name)
        except OSError as error:
            raise _refused(self.folder / name, error) from None

    def remove(self, names: Collection[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


def _refused(path: Path, error: OSError) -> ClusterError:
    return ClusterError(f"{path}: {error.strerror}", code="unreadable")
