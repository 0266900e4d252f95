"""Record stores: a directory of small files that only its owner can read, on a node or on this machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

#: File name suffix of a record; other files in the directory are ignored.
SUFFIX = ".json"


class RecordStore(Protocol):
    """Stores records by file name."""

    def read(self) -> dict[str, bytes]:
        """Return the content of every record by name, sorted by name; empty without a directory."""

    def names(self) -> list[str]:
        """Return the names of all records, sorted."""

    def write(self, name: str, data: bytes) -> None:
        """Write a record atomically, and create the directory if necessary."""

    def remove(self, names: Collection[str]) -> None:
        """Remove records; unknown names are ignored."""


@dataclass(frozen=True, slots=True)
class NodeRecordStore:
    """Directories of root on a node: records are read from all of them, and written to the first.

    Raises TransportError when the node is unreachable or the command fails.
    """

    transport: Transport
    directories: tuple[str, ...]

    def read(self) -> dict[str, bytes]:
        # One command for all records, because a command through ssh costs more than reading them.
        argv = [
            "grep",
            "--recursive",
            "--no-messages",
            "--text",
            f"--include=*{SUFFIX}",
            "",
            *self.directories,
        ]
        found: dict[str, list[bytes]] = {}
        for path, text in _lines(self.transport.run(argv, ok=()).stdout):
            found.setdefault(path, []).append(text)
        contents = {Path(path).name: b"".join(lines) for path, lines in found.items()}
        return dict(sorted(contents.items()))

    def names(self) -> list[str]:
        argv = ["find", *self.directories, "-maxdepth", "1", "-name", f"*{SUFFIX}"]
        paths = self.transport.run(argv, ok=()).text.splitlines()
        return sorted({Path(path).name for path in paths})

    def write(self, name: str, data: bytes) -> None:
        directory = self.directories[0]
        self.transport.run(["mkdir", "-p", "-m", "0700", "--", directory])
        self.transport.put(data, f"{directory}/{name}", mode=0o600)

    def remove(self, names: Collection[str]) -> None:
        if names:
            paths = (f"{directory}/{name}" for directory in self.directories for name in names)
            self.transport.run(["rm", "-f", "--", *paths])


@dataclass(frozen=True, slots=True)
class LocalRecordStore:
    """A directory of the user on this machine. Raises ClusterError when it cannot be read or written."""

    directory: Path

    def read(self) -> dict[str, bytes]:
        return {name: self._read(self.directory / name) for name in self.names()}

    def names(self) -> list[str]:
        try:
            return sorted(path.name for path in self.directory.iterdir() if path.name.endswith(SUFFIX))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _failed("read", self.directory, error) from None

    def write(self, name: str, data: bytes) -> None:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # mkstemp creates the file with mode 0600.
            handle, part = tempfile.mkstemp(dir=self.directory, prefix=".")
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(part).replace(self.directory / name)
        except OSError as error:
            raise _failed("write", self.directory / name, error) from None

    def remove(self, names: Collection[str]) -> None:
        for name in names:
            (self.directory / name).unlink(missing_ok=True)

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise _failed("read", path, error) from None


def _lines(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield path and text of each line that `grep --recursive` printed."""
    for line in output.splitlines(keepends=True):
        path, colon, text = line.partition(b":")
        if colon:
            yield path.decode("utf-8", "replace"), text


def _failed(verb: str, path: Path, error: OSError) -> ClusterError:
    return ClusterError(f"cannot {verb} '{path}': {error.strerror}", code="unreadable")
