"""The secrets file of a deployment, next to the topology and readable by its owner only.

    cloud1.yaml  ->  cloud1.secrets.yaml

Missing secrets are generated and added; existing ones are never changed.
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

_HEAD = "# Secrets of this cloud. This file grants administrator access: keep a backup and do not share it.\n"

#: Random bytes in a generated secret, which has 32 hexadecimal digits.
_RANDOM_BYTES = 16


def secrets_path(topology: str) -> Path:
    """Return the path of the secrets file of a topology."""
    path = Path(topology)
    return path.with_name(f"{path.name.removesuffix(path.suffix)}.secrets.yaml")


def load_secrets(path: Path, names: Iterable[str]) -> tuple[dict[str, Secret], tuple[str, ...]]:
    """Return the secrets by name, and the names of generated ones that are not in the file yet.

    Raises InputError if other users can read the file, or if it is not a mapping of names to strings.
    """
    existing = _read(path)
    missing = tuple(name for name in names if name not in existing)
    generated = {name: Secret(secrets.token_hex(_RANDOM_BYTES)) for name in missing}
    return existing | generated, missing


def save_secrets(path: Path, values: dict[str, Secret]) -> None:
    """Write the file atomically. Only its owner can read it, even while it is written."""
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
        raise _error(path, f"cannot read the secrets file: {error}", "unreadable") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _error(path, f"other users can read this file; run `chmod 600 {path}`", "readable-secrets")
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _error(path, "invalid YAML", "yaml") from None
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(
        isinstance(name, str) and isinstance(value, str) and value for name, value in values.items()
    ):
        message = "the secrets file must map names to quoted strings, such as `admin: 'secret'`"
        raise _error(path, message, "wrong-type")
    return {name: Secret(value) for name, value in values.items()}


def _error(path: Path, message: str, code: str) -> InputError:
    return InputError([Problem(str(path), 0, 0, message, code)])
