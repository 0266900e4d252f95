"""What a service is: the values that a page of the catalogue is written with.

A page is data. Its strings are Jinja templates over the cloud and the host that a file is for:
`{{ host.address }}`, `{{ vip('keystone') }}`, `{{ secret('keystone-db') }}`,
`{{ members('memcached', 11211) }}` (openstack/render.py has them all).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Sections of an ini file: section, key, value. A section whose values are all empty is left out.
Sections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What each family of distributions calls a thing; empty where a family has none.

    redhat is RDO on CentOS Stream. Ubuntu's names are Debian's where nothing else is said.
    """

    debian: tuple[str, ...] = ()
    redhat: tuple[str, ...] = ()
    ubuntu: tuple[str, ...] | None = None

    def of(self, family: str) -> tuple[str, ...]:
        """The names in `family`."""
        if family == "ubuntu" and self.ubuntu is not None:
            return self.ubuntu
        return self.redhat if family == "redhat" else self.debian


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file with this content, or an ini file with these sections.

    An ini file replaces the package's own: what is not said has its default, as has a key whose value turns
    out empty. `roles` and `families` say which hosts have it (those with the service's packages, if empty),
    `where` with which settings: one of the words between |, or any with `*`. Of two files with one path
    on a host, the first counts.
    """

    path: str
    content: str | None = None
    sections: Sections = field(default_factory=dict)
    owner: str = "root:root"
    mode: int = 0o644
    roles: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How to see that a unit serves: what the agent openstack-service asks (its parameters)."""

    url: str = ""
    bus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A systemd unit that Pacemaker owns: a clone on every host of `roles` unless `single`.

    `resource` is its id in the cluster, `agent` (a template) what runs it. `beside` are ids that it needs
    on its own host, and restarts with; `after` are those of which one must run somewhere before it starts,
    and with `waits` those of the services that its own needs. Timeouts are in seconds. `where` are the
    settings with which there is one.
    """

    resource: str
    unit: Names
    roles: tuple[str, ...] = ("controller",)
    single: bool = False
    health: Health = Health()
    after: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    waits: bool = True
    agent: str = "openstack-service"
    start_timeout: int = 120
    stop_timeout: int = 120
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database, and the user that may do everything in it and nothing elsewhere.

    The user's password is the secret `USER-db`.
    """

    name: str
    user: str

    @property
    def secret(self) -> str:
        """The name of the password."""
        return f"{self.user}-db"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A keystone user of a service; its password is the secret of its name.

    Without a project its roles are in the domain. Since 2025.1 some things may be done by no administrator,
    and only by another service: what Nova says of the ports that it binds, for one.
    """

    name: str
    project: str = "service"
    domain: str = "Default"
    roles: tuple[str, ...] = ("admin", "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An entry of the identity catalogue: public, internal and admin alike, in the cloud's region."""

    service: str
    type: str
    port: int
    path: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What haproxy listens on at the service's virtual address, and the hosts behind it.

    `check` is the page that a host must answer to be given requests; without one, in mode tcp, a connection
    is enough. `options` are lines of its own, `server_options` what is said of each host besides.
    `spread` is where connections go: to `all` hosts in turn, to the `first` that serves, or all to the `same`
    one until it is lost, at first to that of the host which has the address. `tls_port` is where it is found
    with TLS, if not at `port`, which then sends there. `where` are the settings with which there is
    a listener.
    """

    name: str
    port: int
    mode: str = "http"
    role: str = "controller"
    options: tuple[str, ...] = ()
    server_options: str = ""
    spread: str = "all"
    check: str = "/"
    tls_port: int = 0
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command that is run once for the whole cloud (or, with `each`, on every host of `roles`).

    `unless` is a command whose success says that it is done already; without one the command itself must
    change nothing the second time. Words and `user` are templates; a secret travels by `stdin` or `env`.
    `when` is the stage: `prepare` before the service's resources are in the cluster, `finish` afterwards.
    With `patience` (s) it is tried again until it succeeds or that time has passed; `ok` are the exit
    statuses that count as success; a failure that says `already` found that it was done before. A word that
    is filled in with several lines is several words.
    """

    name: str
    argv: tuple[str, ...]
    user: str = "root"
    unless: tuple[str, ...] = ()
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ("controller",)
    each: bool = False
    when: str = "prepare"
    timeout: int = 300
    patience: int = 0
    ok: tuple[int, ...] = (0,)
    already: str = ""
    families: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Files that one host makes and all hosts of `roles` must have alike, such as fernet keys.

    `made_by` is the job that makes them. All files of the folder are meant, so nothing else belongs there.
    """

    folder: str
    made_by: str
    owner: str
    mode: int = 0o600
    roles: tuple[str, ...] = ("controller",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A folder that hosts share: a file system mounted by Pacemaker where the setting names its device.

    The service's units on those hosts run where it is mounted; `packages` bring what mounts it.
    """

    resource: str
    setting: str
    folder: str
    roles: tuple[str, ...] = ("controller",)
    fstype: str = "nfs"
    packages: Names = Names(debian=("nfs-common",), redhat=("nfs-utils",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service whole: what a host gets for it, what the cloud gets for it, what the cluster runs for it.

    `packages`, `not_ours` (units that come with packages and must not run) and `systemd` (units that stay
    with systemd, outside the cluster) are by role. `needs` names
    the services that must serve before this one, directly; `gates` are the resources that show that this
    one serves (of a template with several lines, each), its first unit where nothing is said. `document`
    is anything more that the cluster's document says for it, in the document's own words; a location of
    a resource that is not there yet waits for it. `fenced_with` names, for a role, the device that must
    succeed after the power of a host is off. `absent` are families and releases without it, and why.
    """

    name: str
    title: str
    needs: tuple[str, ...] = ()
    packages: Mapping[str, Names] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    gates: tuple[str, ...] | None = None
    not_ours: Mapping[str, Names] = field(default_factory=dict)
    systemd: Mapping[str, Names] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    files: tuple[File, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    databases: tuple[Database, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    listeners: tuple[Listener, ...] = ()
    jobs: tuple[Job, ...] = ()
    shared: tuple[Shared, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    fenced_with: Mapping[str, str] = field(default_factory=dict)
    verify: tuple[Job, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
