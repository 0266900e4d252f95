"""Pages of the catalogue filled in for a cloud: what each host, and the cloud as a whole, shall have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_interface

from pacemaker_os.openstack import haproxy
from pacemaker_os.openstack.catalogue import ordered
from pacemaker_os.openstack.check import refuse
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.common import ADMIN
from pacemaker_os.openstack.service import Database, File, Job, Sections, Service, Unit
from pacemaker_os.openstack.template import Filler
from pacemaker_os.openstack.wanted import (
    Identity,
    WantedEndpoint,
    WantedFile,
    WantedHost,
    WantedJob,
    WantedUser,
)
from pacemaker_os.secret import Secret

#: What a service may do in its own database; it cannot give rights to others.
GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, CREATE VIEW, TRIGGER"
)

#: What the names of our own agents begin with.
OUR_AGENTS = "ocf:pacemaker-os:"

#: An ini key without a value, and then a section without a key.
_EMPTY_KEY = re.compile(r"^[\w.-]+ = *\n", re.MULTILINE)
_EMPTY_SECTION = re.compile(r"^\[[^\]\n]+\]\n+(?=\[|\Z)", re.MULTILINE)


def filler(cloud: Cloud, secrets: Mapping[str, Secret]) -> Filler:
    """What fills the templates for this cloud."""
    return Filler(
        cloud, secrets, lambda self, fill, host: haproxy.listeners(self, fill, ordered(cloud.services), host)
    )


def wanted_host(cloud: Cloud, host: Host, secrets: Mapping[str, Secret]) -> WantedHost:
    """What `host` shall have. Raises CatalogueError."""
    refuse(cloud)
    fill = filler(cloud, secrets)
    packages: dict[str, None] = {}
    files: list[WantedFile] = []
    folders: dict[str, str] = {}
    paths: set[str] = set()
    owned: dict[str, None] = {}
    masked: dict[str, None] = {}
    enabled: dict[str, None] = {}
    daemons: dict[str, str] = {}
    for service in ordered(cloud.services):
        here = [names for role, names in service.packages.items() if cloud.has(host, (role,))]
        named = [fill.shown(name, host) for names in here for name in names.of(cloud.family)]
        packages |= dict.fromkeys(filter(None, named))
        for mount in service.mounts:
            if fill.setting(mount.setting) and cloud.has(host, mount.roles):
                packages |= dict.fromkeys(mount.packages.of(cloud.family))
        files += _files(fill, service, host, paths)
        if here:
            folders |= service.folders
        if cloud.has(host, ("controller",)):
            daemons |= _daemons(service)
        units = {
            unit_name(name): None for unit in units_on(fill, service, host) for name in unit_names(fill, unit)
        }
        if cloud.in_cluster(host):
            owned |= units
        else:
            enabled |= units
        for role, names in service.not_ours.items():
            if cloud.has(host, (role,)):
                masked |= {unit_name(name): None for name in names.of(cloud.family)}
        for role, names in service.systemd.items():
            if cloud.has(host, (role,)):
                chosen = [fill.shown(name, host) for name in names.of(cloud.family)]
                enabled |= {unit_name(name): None for name in filter(None, chosen)}
    return WantedHost(
        host=host.name,
        packages=tuple(packages),
        files=tuple(files),
        folders=tuple(folders.items()),
        owned=tuple(owned),
        masked=tuple(masked),
        enabled=tuple(enabled),
        daemons=tuple(daemons.items()),
    )


def _daemons(service: Service) -> dict[str, str]:
    """The resources that a page spells out whose agent is ours, and that agent's name."""
    agents = {name: value["agent"] for name, value in service.document.get("resources", {}).items()}
    return {
        name: agent.removeprefix(OUR_AGENTS) for name, agent in agents.items() if agent.startswith(OUR_AGENTS)
    }


def units_on(fill: Filler, service: Service, host: Host) -> Iterator[Unit]:
    """The units of a service that this host can run."""
    for unit in service.units:
        if fill.chosen(unit.where) and fill.cloud.has(host, unit.roles):
            yield unit


def unit_names(fill: Filler, unit: Unit) -> tuple[str, ...]:
    """What the family calls a unit; empty where it has none."""
    return unit.unit.of(fill.cloud.family)


def unit_name(name: str) -> str:
    """The full name of a systemd unit."""
    return name if "." in name else f"{name}.service"


def ini(sections: Sections) -> str:
    """The text of an ini file, still a template."""
    parts = []
    for name, keys in sections.items():
        parts.append(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
    return "\n".join(parts)


def without_empty(text: str) -> str:
    """An ini file without keys that have no value, and without sections that have no key then."""
    return _EMPTY_SECTION.sub("", _EMPTY_KEY.sub("", text))


def _files(fill: Filler, service: Service, host: Host, seen: set[str]) -> Iterator[WantedFile]:
    """The files of a service on a host, but for paths that were seen: a controller that computes, too, has
    the controller's nova.conf.
    """
    for file in service.files:
        path = fill.shown(file.path, host)
        if path not in seen and _concerns(fill, file, service, host):
            seen.add(path)
            text = ini(file.sections) if file.content is None else file.content
            true, shown = fill.true(text, host), fill.shown(text, host)
            if file.content is None:
                true, shown = without_empty(true), without_empty(shown)
            yield WantedFile(
                path=path,
                content=Secret(true),
                shown=shown,
                owner=file.owner,
                mode=file.mode,
                service=service.name,
            )


def _concerns(fill: Filler, file: File, service: Service, host: Host) -> bool:
    """Whether a host has a file: by the roles that the file names, or else its service's packages."""
    cloud = fill.cloud
    return (
        cloud.has(host, file.roles or tuple(service.packages))
        and (not file.families or cloud.family in file.families)
        and fill.chosen(file.where)
    )


def jobs(
    cloud: Cloud, service: Service, secrets: Mapping[str, Secret], when: str = "prepare"
) -> tuple[WantedJob, ...]:
    """The commands of a service, in order, each on its host; `when` is prepare, finish or verify."""
    fill = filler(cloud, secrets)
    if when == "verify":
        return tuple(_job(fill, service, job, host) for job in service.verify for host in _where(fill, job))
    return tuple(
        _job(fill, service, job, host)
        for job in service.jobs
        if job.when == when
        for host in _where(fill, job)
    )


def _where(fill: Filler, job: Job) -> tuple[Host, ...]:
    """The hosts that a job runs on."""
    cloud = fill.cloud
    if (job.families and cloud.family not in job.families) or not fill.chosen(job.where):
        return ()
    hosts = tuple(host for host in cloud.hosts if cloud.has(host, job.roles))
    return hosts if job.each else hosts[:1]


def _job(fill: Filler, service: Service, job: Job, host: Host) -> WantedJob:
    """A job, filled in. Its words are seen by everybody, so they have stars for secrets."""
    env = {**ADMIN, **job.env} if job.argv[0] == "openstack" else job.env
    return WantedJob(
        name=job.name,
        service=service.name,
        host=host.name,
        argv=tuple(part for word in job.argv for part in fill.shown(word, host).splitlines()),
        user=fill.shown(job.user, host),
        unless=tuple(fill.shown(word, host) for word in job.unless),
        stdin=Secret(fill.true(job.stdin, host)) if job.stdin else None,
        env=tuple((name, Secret(text)) for name, value in env.items() if (text := fill.true(value, host))),
        timeout=job.timeout,
        patience=job.patience,
        ok=job.ok,
        already=job.already,
    )


def secret_names(cloud: Cloud) -> tuple[str, ...]:
    """Every secret that the cloud's services use."""
    fill = filler(cloud, {})
    found: dict[str, None] = {"admin": None}
    for service in ordered(cloud.services):
        # On one of its hosts: a text may not make sense on others.
        for file in service.files:
            text = ini(file.sections) if file.content is None else file.content
            for host in [host for host in cloud.hosts if _concerns(fill, file, service, host)][:1]:
                found |= dict.fromkeys(fill.names(text, host))
        for job in (*service.jobs, *service.verify):
            for host in _where(fill, job)[:1]:
                for text in (job.stdin, *job.env.values()):
                    found |= dict.fromkeys(fill.names(text, host))
        found |= dict.fromkeys(database.secret for database in service.databases)
        found |= dict.fromkeys(user.name for user in service.users)
    return tuple(found)


def database_statements(cloud: Cloud, service: Service, secrets: Mapping[str, Secret]) -> Secret | None:
    """The SQL that makes a service's databases and its user; running it again changes nothing.

    The user may log in from the networks of the hosts that have haproxy, as all connections come from there.
    """
    if not service.databases:
        return None
    fill = filler(cloud, secrets)
    hosts = (*cloud.with_role("controller"), *cloud.with_role("front"))
    networks = dict.fromkeys(ip_interface(f"{host.address}/{cloud.prefix}").network for host in hosts)
    origins = [f"{network.network_address}/{network.netmask}" for network in networks]
    return Secret("".join(_statements(fill, database, origins) for database in service.databases))


def _statements(fill: Filler, database: Database, origins: list[str]) -> str:
    """One database, and its user from each origin."""
    password = fill.true(f"{{{{ secret('{database.secret}') }}}}")
    lines = [f"CREATE DATABASE IF NOT EXISTS `{database.name}`"]
    for origin in origins:
        user = f"'{database.user}'@'{origin}'"
        lines.append(f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{password}'")
        lines.append(f"ALTER USER {user} IDENTIFIED BY '{password}'")
        lines.append(f"GRANT {GRANTS} ON `{database.name}`.* TO {user}")
    return "".join(f"{line};\n" for line in lines)


def identity(cloud: Cloud, services: tuple[Service, ...], secrets: Mapping[str, Secret]) -> Identity:
    """What the identity service shall know of these services."""
    fill = filler(cloud, secrets)
    users = [user for service in services for user in service.users]
    return Identity(
        auth_url=fill.url("keystone", 5000) + "/v3",
        password=Secret(fill.true("{{ secret('admin') }}")),
        region=cloud.region,
        domains=tuple(dict.fromkeys(user.domain for user in users if user.domain != "Default")),
        projects=tuple(dict.fromkeys(["service", *(user.project for user in users if user.project)])),
        roles=tuple(
            dict.fromkeys(
                [
                    *(role for service in services for role in service.roles),
                    *(role for user in users for role in user.roles if role != "admin"),
                ]
            )
        ),
        users=tuple(
            WantedUser(
                name=user.name,
                password=Secret(fill.true(f"{{{{ secret('{user.name}') }}}}")),
                domain=user.domain,
                project=user.project,
                roles=user.roles,
            )
            for user in users
        ),
        endpoints=tuple(
            WantedEndpoint(
                service=entry.service,
                type=entry.type,
                description=entry.description or service.title,
                url=fill.url(service.name, entry.port) + entry.path,
            )
            for service in services
            for entry in service.endpoints
        ),
    )
