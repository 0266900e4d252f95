"""The desired state of a host and of the cloud: rendered service definitions, as values."""

from __future__ import annotations

from pacemaker_os.dataclass import dataclass
from pacemaker_os.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredFile:
    """A file; `redacted` is its content with secrets masked, for output and diffs."""

    path: str
    content: Secret
    redacted: str
    owner: str
    mode: int
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredHost:
    """The desired state of a host.

    Pacemaker manages the `owned` units: they are disabled in systemd, with Restart=no. `masked` units must
    not run: an agent runs their daemon, or the cloud does not use them. `enabled` units stay with systemd,
    enabled and running. `daemons` are the resources whose agent runs a daemon itself, each with the name of
    that agent. `directories` are paths with their owners.
    """

    host: str
    packages: tuple[str, ...]
    files: tuple[DesiredFile, ...]
    directories: tuple[tuple[str, str], ...]
    owned: tuple[str, ...]
    masked: tuple[str, ...]
    enabled: tuple[str, ...]
    daemons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredJob:
    """A command to run on `host` as `user`; `stdin` and `env` may contain secrets, `argv` never does.

    See `Job` for the other fields. `timeout` and `retry_timeout` are in seconds.
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
    retry_timeout: int
    success_statuses: tuple[int, ...]
    already_done_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredUser:
    """A Keystone user and its roles in a project, or in its domain if `project` is empty."""

    name: str
    password: Secret
    domain: str
    project: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredEndpoint:
    """A service in Keystone's catalog, and the URL of its public, internal and admin endpoints."""

    service: str
    type: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The desired content of Keystone. The user `admin` logs in with `password` at `auth_url`."""

    auth_url: str
    password: Secret
    region: str
    domains: tuple[str, ...]
    projects: tuple[str, ...]
    roles: tuple[str, ...]
    users: tuple[DesiredUser, ...]
    endpoints: tuple[DesiredEndpoint, ...]
