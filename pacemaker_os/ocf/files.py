"""Reading small files, and writing them atomically."""

# ruff: noqa: PTH102, PTH105, PTH108, PTH112, PTH113, PTH115, PTH116, PTH120, PTH123, PTH208
# Importing pathlib would take more time than a whole monitor has.

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Maximum number of bytes that are read from a file that should be small.
MAX_SIZE = 1024 * 1024


def read(path: str, limit: int = MAX_SIZE) -> str | None:
    """Return the text of a file, or None if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return None


def lines(path: str) -> Iterator[str]:
    """Yield the lines of a file of any size; none if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError:
        return


def tail(path: str, size: int = 65536) -> str:
    """Return the last `size` bytes of a file as text, or an empty string."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""


def write(path: str, text: str, *, mode: int = 0o600, owner: tuple[int, int] | None = None) -> None:
    """Replace a file atomically and durably. `owner` is (uid, gid)."""
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
        sync_directory(os.path.dirname(path) or ".")
    except BaseException:
        remove(temporary)
        raise


def sync_directory(path: str) -> None:
    """Make the names in a directory durable: without this, a power loss may undo a replacement."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: str) -> None:
    """Remove a file if it exists."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def names(directory: str) -> list[str]:
    """Return the sorted names in a directory; none if it does not exist."""
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def tree(directory: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the path and the status of each file below a directory. Links are not followed."""
    for folder, _, found in os.walk(directory):
        for name in found:
            with suppress(FileNotFoundError):
                yield f"{folder}/{name}", os.lstat(f"{folder}/{name}")


def is_file(path: str) -> bool:
    """Return whether the file exists."""
    return os.path.isfile(path)


def is_program(path: str) -> bool:
    """Return whether the file exists and this process may execute it."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def modification_time(path: str) -> float | None:
    """Return when the file was last written, in seconds since 1970, or None if it does not exist."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def is_directory(path: str) -> bool:
    """Return whether the directory exists."""
    return os.path.isdir(path)


def is_unmounted(directory: str, table: str = "/etc/fstab") -> bool:
    """Return whether a file system for `directory` is listed in fstab(5) but not mounted."""
    entries = [line.split() for line in (read(table) or "").splitlines() if not line.lstrip().startswith("#")]
    listed = {fields[1].rstrip("/") for fields in entries if len(fields) > 1}
    return directory.rstrip("/") in listed - {""} and not os.path.ismount(directory)


def link(path: str) -> str:
    """Return the target of a symbolic link, or an empty string if it cannot be read."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def real_path(path: str) -> str:
    """Return the path without symbolic links."""
    return os.path.realpath(path)


def make_directory(path: str, *, mode: int = 0o755, owner: tuple[int, int] | None = None) -> None:
    """Form a directory and its parents. An existing directory keeps its mode and gets the owner."""
    if not os.path.isdir(path):
        make_directory(os.path.dirname(path))
        os.mkdir(path, mode)
    if owner:
        os.chown(path, *owner)


def account(user: str) -> tuple[int, int]:
    """Return the (uid, gid) of an existing user."""
    import pwd

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
