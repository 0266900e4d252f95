"""Runs on a node: writes files and folders, each whole or not at all."""

from __future__ import annotations

import base64
import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any


def main(pieces: list[dict[str, Any]]) -> None:
    """Write every piece, in order; what goes wrong is said with the path, and nothing more is written."""
    for piece in pieces:
        try:
            WRITERS[piece["do"]](piece)
        except (OSError, LookupError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SystemExit(f"{piece['path']}: {reason}") from None
    print("{}")


def write_file(piece: dict[str, Any]) -> None:
    """Write a file beside its place, give it its owner and mode, and rename it."""
    path = Path(piece["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pcs-os.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.b64decode(piece["content"]))
            stream.flush()
            os.fsync(stream.fileno())
        shutil.chown(part, *piece["owner"].split(":"))
        part.chmod(piece["mode"])
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def put_in_place(part: Path, path: Path) -> None:
    """Rename, or copy into a file that is mounted by itself, as a container's /etc/hosts is."""
    try:
        part.replace(path)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        shutil.copyfile(part, path)


def make_folder(piece: dict[str, Any]) -> None:
    """Make a folder, or give one that is there its owner."""
    path = Path(piece["path"])
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, *piece["owner"].split(":"))


def clear_folder(piece: dict[str, Any]) -> None:
    """Remove files of a folder that are not among those it shall have."""
    folder, keep = Path(piece["path"]), set(piece["keep"])
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if str(path.relative_to(folder)) not in keep:
            path.unlink()


def write_stamp(piece: dict[str, Any]) -> None:
    """Note that a job is done; for root's eyes alone."""
    path = Path(piece["path"])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.new")
    part.write_text(piece["content"])
    part.chmod(0o600)
    part.replace(path)


WRITERS = {"file": write_file, "folder": make_folder, "clear": clear_folder, "stamp": write_stamp}
