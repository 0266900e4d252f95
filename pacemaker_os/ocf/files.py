"""Small files: reading them, and writing them whole or not at all."""

# ruff: noqa: PTH102, PTH105, PTH108, PTH112, PTH113, PTH115, PTH116, PTH120, PTH123, PTH208
# Importing pathlib would take more time than a whole monitor has.

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: More than this many bytes are not read from a file that is meant to be small.
MAX_SIZE = 1024 * 1024


def read(path: str, limit: int = MAX_SIZE) -> str | None:
    """The text of a file; None when there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return None


def lines(path: str) -> Iterator[str]:
    """The lines of a file of any length, one after the other; none when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError:
        return


def tail(path: str, size: int = 65536) -> str:
    """The last `size` bytes of a file as text; empty when there is none."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""


def write(path: str, text: str, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """Replace a file whole, and on the disk before this returns. `owner` is (uid, gid)."""
    temporary = f"{path}.new-{os.getpid()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            if owner:
                os.fchown(file.fileno(), *owner)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        remove(temporary)
        raise


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def names(directory: str) -> list[str]:
    """The names in a directory, in order; empty when there is none."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def is_file(path: str) -> bool:
    """Whether a file is there."""
    return os.path.isfile(path)


def is_program(path: str) -> bool:
    """Whether a file is there that this process may execute."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def modification_time(path: str) -> float | None:
    """When a file was written last, in seconds since 1970; None when it is not there."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def is_directory(path: str) -> bool:
    """Whether a directory is there."""
    return os.path.isdir(path)


def link(path: str) -> str:
    """Where a symbolic link points; empty when it is none or not ours to read."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def make_directory(path: str, *, mode: int = 0o755, owner: tuple[int, int] | None = None) -> None:
    """Make a directory and those above it; one that is there keeps its mode, and gets the owner."""
    if not os.path.isdir(path):
        make_directory(os.path.dirname(path))
        os.mkdir(path, mode)
    if owner:
        os.chown(path, *owner)


def account(user: str) -> tuple[int, int]:
    """The (uid, gid) of a user that exists."""
    import pwd

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
