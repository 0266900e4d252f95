#!/usr/bin/python3
"""Write Keystone's Fernet keys of the current period, derived from a secret and the time.

Usage: keystone-fernet-keys HOURS OLDER

HOURS is the rotation period, and OLDER the number of keys of past periods to keep. Files that are already
correct are not written.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import pwd
import sys
import time
from contextlib import suppress
from pathlib import Path

SECRET_FILE = Path("/etc/keystone/fernet-secret")
DIRECTORY = Path("/etc/keystone/fernet-keys")
OWNER = "keystone"


def derive_key(secret: bytes, period: int) -> bytes:
    """Return the key of a period. It reveals nothing about the other keys."""
    return base64.urlsafe_b64encode(hmac.new(secret, str(period).encode(), hashlib.sha256).digest())


def periods(now: int, older: int) -> dict[str, int]:
    """Return the period of each key file: 0 is the next key; the highest other number is the signing key."""
    return {"0": now + 1, **{str(now - age): now - age for age in range(older + 1)}}


def write_key(name: str, content: bytes, owner: pwd.struct_passwd) -> None:
    """Write a key file atomically, unless it already has this content."""
    path = DIRECTORY / name
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    temporary = DIRECTORY / ".new"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        os.fchown(stream.fileno(), owner.pw_uid, owner.pw_gid)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def main(hours: str, older: str) -> None:
    """Write the current keys, and remove all others."""
    secret = SECRET_FILE.read_bytes().strip()
    owner = pwd.getpwnam(OWNER)
    DIRECTORY.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(DIRECTORY, owner.pw_uid, owner.pw_gid)
    keys = periods(int(time.time() // (int(hours) * 3600)), int(older))
    for name, period in keys.items():
        write_key(name, derive_key(secret, period), owner)
    for path in DIRECTORY.iterdir():
        if path.name not in keys:
            path.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
