"""What a host, and the cloud as a whole, shall have: pages of the catalogue, filled in. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from pacemaker_os.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """A file; `shown` is its content with stars for secrets, for people's eyes and for diffs."""

    path: str
    content: Secret
    shown: str
    owner: str
    mode: int
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedHost:
    """What one host shall have.

    `owned` units are Pacemaker's: disabled, never started by systemd, their Restart off. `masked` ones must
    not run at all.
    """

    host: str
    packages: tuple[str, ...]
    files: tuple[WantedFile, ...]
    folders: tuple[tuple[str, str], ...]
    owned: tuple[str, ...]
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedJob:
    """A command to run on `host` as `user`; `stdin` and `env` may hold secrets, `argv` never."""

    name: str
    service: str
    host: str
    argv: tuple[str, ...]
    user: str
    unless: tuple[str, ...]
    stdin: Secret | None
    env: tuple[tuple[str, Secret], ...]
    timeout: int
