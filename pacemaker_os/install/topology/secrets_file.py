"""The secrets of a deployment: one file beside the topology that only its owner may read.

    cloud1.yaml  ->  cloud1.secrets.yaml

What the file lacks is made up and added; what it says is never changed.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from pacemaker_os.errors import InputError, Problem
from pacemaker_os.secret import Secret

_HEAD = (
    "# The secrets of this cloud. Keep this file, and keep it to yourself: whoever has it is administrator.\n"
)

#: Bytes of chance in a secret that is made here: 32 letters and digits.
_BYTES = 16


def secrets_path(topology: str) -> Path:
    """Where the secrets of a topology are kept."""
    path = Path(topology)
    return path.with_name(f"{path.name.removesuffix(path.suffix)}.secrets.yaml")


def load_secrets(path: Path, names: Iterable[str]) -> tuple[dict[str, Secret], tuple[str, ...]]:
    """Return the secrets by name, and the names of those that are new and not yet in the file.

    Raises InputError when the file can be read by others, or is no mapping of names to words.
    """
    there = _read(path)
    missing = tuple(name for name in names if name not in there)
    made = {name: Secret(secrets.token_hex(_BYTES)) for name in missing}
    return there | made, missing


def save_secrets(path: Path, values: dict[str, Secret]) -> None:
    """Write the file whole or not at all, readable by its owner alone at every moment."""
    text = yaml.safe_dump({name: value.reveal() for name, value in sorted(values.items())})
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(_HEAD + text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(part).replace(path)


def _read(path: Path) -> dict[str, Secret]:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, f"this file cannot be read: {error}", "unreadable") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _wrong(path, f"others may read this file: chmod 600 {path}", "readable-secrets")
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _wrong(path, "this is no YAML", "yaml") from None
    if said is None:
        return {}
    if not isinstance(said, dict) or not all(
        isinstance(name, str) and isinstance(value, str) and value for name, value in said.items()
    ):
        raise _wrong(path, "secrets are lines like `admin: word`, each a word in quotes", "wrong-type")
    return {name: Secret(value) for name, value in said.items()}


def _wrong(path: Path, message: str, code: str) -> InputError:
    return InputError([Problem(str(path), 0, 0, message, code)])
