"""Write files atomically."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pacemaker_os.errors import InputError, Problem


def write_text(path: str, text: str) -> None:
    """Write a file with the permissions that the umask allows. Raises InputError."""
    umask = os.umask(0)
    os.umask(umask)
    _write(path, text, 0o666 & ~umask)


def write_private(path: str, text: str) -> None:
    """Write a file that only its owner can read. Raises InputError."""
    _write(path, text, 0o600)


def _write(path: str, text: str, mode: int) -> None:
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise InputError(
            [
                Problem(
                    path,
                    0,
                    0,
                    f"cannot write the file: {(error.strerror or str(error)).lower()}",
                    "not-written",
                )
            ]
        ) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        temporary.replace(target)
    except OSError as error:
        raise InputError(
            [
                Problem(
                    path,
                    0,
                    0,
                    f"cannot write the file: {(error.strerror or str(error)).lower()}",
                    "not-written",
                )
            ]
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
