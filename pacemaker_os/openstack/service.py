"""The values that a service definition consists of.

A service definition is data. Its strings are Jinja templates over the cloud and the host that a file is for:
`{{ host.address }}`, `{{ vip('keystone') }}`, `{{ secret('keystone-db') }}`,
`{{ members('memcached', 11211) }}` (openstack/template.py lists all names).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.families import DistroNames

#: Sections of an ini file: section, key, value. A section whose values are all empty is left out.
Sections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file with this `content`, an ini file with these `sections`, or a `program` that hosts run.

    An ini file replaces the packaged one: a key that is missing here, or whose value renders empty, has its
    default. A program is named by its file in install/programs/installed and is copied verbatim.

    Hosts with one of `roles` get the file, or those with the service's packages if `roles` is empty; only
    in these `families`, if any are given; and only if the settings match `where`: one of the values
    separated by |, or any value with `*`. If two files of a host have the same path, the first one wins.
    """

    path: str
    content: str | None = None
    sections: Sections = field(default_factory=dict)
    program: str = ""
    owner: str = "root:root"
    mode: int = 0o644
    roles: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """The health check of a unit: parameters of the agent openstack-service.

    `url` must answer. With `bus`, the unit must have a connection to the message bus.
    """

    url: str = ""
    bus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A systemd unit that Pacemaker manages: a clone on every host of `roles` unless it is `single`.

    `resource` is the ID of the resource and `agent` (a template) the agent that runs it. The unit needs each
    resource in `colocated_with` on its own host and restarts with it. Before it starts, one instance of each
    resource in `after` must run somewhere, and, with `waits_for_dependencies`, of the services that its own
    service needs. Timeouts are in seconds. `where` are the settings with which the unit exists.
    """

    resource: str
    unit: DistroNames
    roles: tuple[str, ...] = ("controller",)
    single: bool = False
    health: HealthCheck = HealthCheck()
    after: tuple[str, ...] = ()
    colocated_with: tuple[str, ...] = ()
    waits_for_dependencies: bool = True
    agent: str = "openstack-service"
    start_timeout: int = 120
    stop_timeout: int = 120
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database, and the user that has all privileges in it and none elsewhere.

    The user's password is the secret `USER-db`.
    """

    name: str
    user: str

    @property
    def secret(self) -> str:
        """The name of the password's secret."""
        return f"{self.user}-db"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A Keystone user of a service; its password is the secret of the same name.

    Without a project, the roles are in the domain. Newer releases accept some calls from the role service
    only and reject administrators, for example when Nova binds ports in Neutron.
    """

    name: str
    project: str = "service"
    domain: str = "Default"
    roles: tuple[str, ...] = ("admin", "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An entry of Keystone's catalog: the same public, internal and admin URL, in the cloud's region."""

    service: str
    type: str
    port: int
    path: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A listener of haproxy at the service's virtual address, and its backend servers.

    `check` is the path of the health check; in mode tcp, a connection is enough. `options` are lines of the
    listener, `server_options` options of each server. `balance` distributes connections: to `all` servers in
    turn; to the `first` healthy one; or all to the `same` one until it fails, starting with the server on
    the host that holds the address. With TLS the listener uses `tls_port`, if given, and `port` redirects
    there. `where` are the settings with which the listener exists.
    """

    name: str
    port: int
    mode: str = "http"
    role: str = "controller"
    options: tuple[str, ...] = ()
    server_options: str = ""
    balance: str = "all"
    check: str = "/"
    tls_port: int = 0
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A command that runs once for the whole cloud or, with `on_every_host`, on every host of `roles`.

    If the command `unless` succeeds, the job is already done; without one, the job must be idempotent.
    Arguments and `user` are templates; secrets travel through `stdin` or `env`. An argument that renders as
    several lines becomes several arguments. `when` is the stage: `prepare` before the service's resources
    are in the cluster, `finish` afterwards. A failed job is retried for `retry_timeout` seconds.
    `success_statuses` are the exit statuses of success; a failure whose output contains
    `already_done_message` counts as success.
    """

    name: str
    argv: tuple[str, ...]
    user: str = "root"
    unless: tuple[str, ...] = ()
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ("controller",)
    on_every_host: bool = False
    when: str = "prepare"
    timeout: int = 300
    retry_timeout: int = 0
    success_statuses: tuple[int, ...] = (0,)
    already_done_message: str = ""
    families: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A directory that one host generates and all hosts of `roles` get copies of, such as credential keys.

    `generated_by` is the name of the job that generates it. All of its files are copied, so it must not
    contain anything else.
    """

    directory: str
    generated_by: str
    owner: str
    mode: int = 0o600
    roles: tuple[str, ...] = ("controller",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A shared file system that Pacemaker mounts where `setting` names its device.

    The service's units on these hosts run where it is mounted. `packages` contain the mount helper.
    """

    resource: str
    setting: str
    directory: str
    packages: DistroNames
    roles: tuple[str, ...] = ("controller",)
    fstype: str = "nfs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service definition: everything that hosts, the cloud and the cluster get for a service.

    By role: `packages`; `masked_units`, which packages bring and which must not run; and `systemd_units`,
    which systemd manages outside of the cluster. `needs` are the services that must run before this one.
    `readiness_resources` are the resources that show that this service runs, by default its first unit; a
    template with several lines names several. `document` is a fragment of the cluster document; a location
    constraint in it is left out while its resource is not deployed. `extra_fencing_device` names, by role,
    a fencing device that must succeed after the power of a host is off. `unavailable` gives the reason by
    the families and releases that do not have the service.
    """

    name: str
    title: str
    needs: tuple[str, ...] = ()
    packages: Mapping[str, DistroNames] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    readiness_resources: tuple[str, ...] | None = None
    masked_units: Mapping[str, DistroNames] = field(default_factory=dict)
    systemd_units: Mapping[str, DistroNames] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    files: tuple[File, ...] = ()
    directories: Mapping[str, str] = field(default_factory=dict)
    databases: tuple[Database, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    listeners: tuple[Listener, ...] = ()
    jobs: tuple[Job, ...] = ()
    shared: tuple[Shared, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    extra_fencing_device: Mapping[str, str] = field(default_factory=dict)
    verify: tuple[Job, ...] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)
