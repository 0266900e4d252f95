"""Record stores: a directory of small files that only its owner can read, on a node or on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Protocol

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError
from pacemaker_os.transport.base import Transport

#: File name suffix of a record; other files in the directory are ignored.
SUFFIX = ".json"

#: Age after which the part of a record that a killed writer left is removed, in seconds.
LEFT_AFTER = 3600

#: Writes standard input to the record $2 in the directory $1. A record must be on the disk before the change
#: that it describes, so the file and the entries of the directories are flushed.
_WRITE = """
if [ ! -d "$1" ]; then
    mkdir -p -m 0700 -- "$1" && sync -- "$(dirname -- "$1")" || exit
fi
umask 077
part="$1/.$2.part"
trap 'rm -f -- "$part"' EXIT
cat >"$part" && sync -- "$part" && mv -fT -- "$part" "$1/$2" && sync -- "$1" || exit
find "$1" -maxdepth 1 -name '.*.part' -mmin +60 -delete
"""


class RecordStore(Protocol):
    """Stores records by file name."""

    def read(self) -> dict[str, bytes]:
        """Return the content of every record by name, sorted by name; empty without a directory."""

    def names(self) -> list[str]:
        """Return the names of all records, sorted."""

    def write(self, name: str, data: bytes) -> None:
        """Write a record atomically and durably, and create the directory if necessary."""

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
        self.transport.run(["sh", "-c", _WRITE, "sh", self.directories[0], name], input=data, timeout=20)

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
        part = self.directory / f".{name}.part"
        try:
            if not self.directory.is_dir():
                self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
                _flush(self.directory.parent)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(descriptor)
            part.replace(self.directory / name)
            _flush(self.directory)
            self._remove_parts()
        except OSError as error:
            raise _failed("write", self.directory / name, error) from None

    def _remove_parts(self) -> None:
        """Remove what killed writers left."""
        for path in self.directory.glob(".*.part"):
            if path.lstat().st_mtime < time.time() - LEFT_AFTER:
                path.unlink(missing_ok=True)

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


def _flush(path: Path) -> None:
    """Write the entries of a directory to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(verb: str, path: Path, error: OSError) -> ClusterError:
    return ClusterError(f"cannot {verb} '{path}': {error.strerror}", code="unreadable")
