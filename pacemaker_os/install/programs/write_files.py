"""Runs on a node: writes files and directories, each one atomically."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


def main(entries: list[dict[str, Any]]) -> None:
    """Write the entries in order. An error names the path and ends the program."""
    for entry in entries:
        try:
            WRITERS[entry["action"]](entry)
        except (OSError, LookupError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SystemExit(f"cannot write '{entry['path']}': {reason}") from None
    print("{}")


def write_file(entry: dict[str, Any]) -> None:
    """Write a temporary file in the same directory, set its owner and mode, and rename it."""
    path = Path(entry["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pcs-os.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.b64decode(entry["content"]))
            stream.flush()
            os.fsync(stream.fileno())
        shutil.chown(part, *entry["owner"].split(":"))
        part.chmod(entry["mode"])
        replace_file(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace_file(part: Path, path: Path) -> None:
    """Rename `part`; copy it if `path` is a mount point, as /etc/hosts is in a container."""
    try:
        part.replace(path)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        shutil.copyfile(part, path)


def make_directory(entry: dict[str, Any]) -> None:
    """Create a directory, or change the owner of an existing one."""
    path = Path(entry["path"])
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, *entry["owner"].split(":"))


def clear_directory(entry: dict[str, Any]) -> None:
    """Remove the files of a directory that are not in `keep`."""
    directory, keep = Path(entry["path"]), set(entry["keep"])
    for path in [path for path in directory.rglob("*") if path.is_file()]:
        if str(path.relative_to(directory)) not in keep:
            path.unlink()


def write_stamp(entry: dict[str, Any]) -> None:
    """Write the stamp file of a completed job, readable by root only."""
    path = Path(entry["path"])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.new")
    part.write_text(entry["content"])
    part.chmod(0o600)
    part.replace(path)


WRITERS = {"file": write_file, "directory": make_directory, "clear": clear_directory, "stamp": write_stamp}
