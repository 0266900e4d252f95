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
    not run at all: an agent runs their daemon, or nobody wants it. `enabled` ones stay with systemd,
    enabled and running. `daemons` are resources whose agent runs a daemon itself, each with that agent's
    name.
    """

    host: str
    packages: tuple[str, ...]
    files: tuple[WantedFile, ...]
    folders: tuple[tuple[str, str], ...]
    owned: tuple[str, ...]
    masked: tuple[str, ...]
    enabled: tuple[str, ...]
    daemons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedJob:
    """A command to run on `host` as `user`; `stdin` and `env` may hold secrets, `argv` never.

    It is done when it ends with one of `ok`, and was done before when it fails and says `already`; for
    `patience` seconds it is tried again.
    """

    name: str
    service: str
    host: str
    argv: tuple[str, ...]
    user: str
    unless: tuple[str, ...]
    stdin: Secret | None
    env: tuple[tuple[str, Secret], ...]
    timeout: int
    patience: int
    ok: tuple[int, ...]
    already: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUser:
    """A user of the identity service, with its roles in a project; without a project, in its domain."""

    name: str
    password: Secret
    domain: str
    project: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEndpoint:
    """A service of the catalogue, and the address of its public, internal and admin endpoint."""

    service: str
    type: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the identity service shall know. `admin` logs in with `password` at `auth_url`."""

    auth_url: str
    password: Secret
    region: str
    domains: tuple[str, ...]
    projects: tuple[str, ...]
    roles: tuple[str, ...]
    users: tuple[WantedUser, ...]
    endpoints: tuple[WantedEndpoint, ...]
