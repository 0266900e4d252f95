"""The desired state of hosts, rendered from service definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pacemaker_os.openstack import haproxy
from pacemaker_os.openstack.check import refuse
from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.desired import DesiredFile, DesiredHost
from pacemaker_os.openstack.errors import CloudError
from pacemaker_os.openstack.service import File, Sections, Service, Unit
from pacemaker_os.openstack.template import TemplateRenderer
from pacemaker_os.secret import Secret

#: The prefix of the agents in this package.
OUR_AGENTS = "ocf:pacemaker-os:"

#: An ini key without a value, and a section without a key.
_EMPTY_KEY = re.compile(r"^[\w.-]+ = *\n", re.MULTILINE)
_EMPTY_SECTION = re.compile(r"^\[[^\]\n]+\]\n+(?=\[|\Z)", re.MULTILINE)


def template_renderer(
    cloud: Cloud, secrets: Mapping[str, Secret], programs: Mapping[str, str] | None = None
) -> TemplateRenderer:
    """Return the renderer for this cloud; `programs` are the texts of programs for hosts, by file name."""

    def listeners(renderer: TemplateRenderer, render: haproxy.Render, host: Host | None) -> str:
        return haproxy.listeners(renderer, render, ordered(cloud.services), host)

    return TemplateRenderer(cloud, secrets, listeners, programs or {})


def desired_host(
    cloud: Cloud, host: Host, secrets: Mapping[str, Secret], programs: Mapping[str, str]
) -> DesiredHost:
    """Return the desired state of `host`; `programs` as in `template_renderer`. Raises CloudError."""
    refuse(cloud)
    renderer = template_renderer(cloud, secrets, programs)
    packages: dict[str, None] = {}
    files: list[DesiredFile] = []
    directories: dict[str, str] = {}
    paths: set[str] = set()
    owned: dict[str, None] = {}
    masked: dict[str, None] = {}
    enabled: dict[str, None] = {}
    daemons: dict[str, str] = {}
    for service in ordered(cloud.services):
        here = [names for role, names in service.packages.items() if cloud.has(host, (role,))]
        named = [renderer.redacted(name, host) for names in here for name in names.of(cloud.family)]
        packages |= dict.fromkeys(filter(None, named))
        for mount in service.mounts:
            if renderer.setting(mount.setting) and cloud.has(host, mount.roles):
                packages |= dict.fromkeys(mount.packages.of(cloud.family))
        files += _files(renderer, service, host, paths)
        if here:
            directories |= service.directories
        if cloud.has(host, ("controller",)):
            daemons |= _daemons(service)
        units = {
            unit_name(name): None
            for unit in units_on(renderer, service, host)
            for name in unit_names(renderer, unit)
        }
        if cloud.in_cluster(host):
            owned |= units
        else:
            enabled |= units
        for role, names in service.masked_units.items():
            if cloud.has(host, (role,)):
                masked |= {unit_name(name): None for name in names.of(cloud.family)}
        for role, names in service.systemd_units.items():
            if cloud.has(host, (role,)):
                rendered = [renderer.redacted(name, host) for name in names.of(cloud.family)]
                enabled |= {unit_name(name): None for name in filter(None, rendered)}
    return DesiredHost(
        host=host.name,
        packages=tuple(packages),
        files=tuple(files),
        directories=tuple(directories.items()),
        owned=tuple(owned),
        masked=tuple(masked),
        enabled=tuple(enabled),
        daemons=tuple(daemons.items()),
    )


def _daemons(service: Service) -> dict[str, str]:
    """Return the explicit resources of a service that use an agent of this package, with the agent's name."""
    agents = {name: value["agent"] for name, value in service.document.get("resources", {}).items()}
    return {
        name: agent.removeprefix(OUR_AGENTS) for name, agent in agents.items() if agent.startswith(OUR_AGENTS)
    }


def units_on(renderer: TemplateRenderer, service: Service, host: Host) -> Iterator[Unit]:
    """Yield the units of a service that this host can run."""
    for unit in service.units:
        if renderer.matches(unit.where) and renderer.cloud.has(host, unit.roles):
            yield unit


def unit_names(renderer: TemplateRenderer, unit: Unit) -> tuple[str, ...]:
    """Return the family's names of a unit; empty if the family does not have it."""
    return unit.unit.of(renderer.cloud.family)


def unit_name(name: str) -> str:
    """Return the full name of a systemd unit."""
    return name if "." in name else f"{name}.service"


def file_template(file: File) -> str:
    """Return the template of a file; the empty string for a program."""
    if file.content is not None:
        return file.content
    return _ini(file.sections)


def _ini(sections: Sections) -> str:
    """Return sections as the text of an ini file, still a template."""
    parts = []
    for name, keys in sections.items():
        parts.append(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
    return "\n".join(parts)


def _without_empty(text: str) -> str:
    """Return an ini file without empty values, and without sections that have no key left."""
    return _EMPTY_SECTION.sub("", _EMPTY_KEY.sub("", text))


def _files(
    renderer: TemplateRenderer, service: Service, host: Host, paths: set[str]
) -> Iterator[DesiredFile]:
    """Yield the files of a service on a host, and add their paths to `paths`.

    Paths of earlier services are skipped: a controller that is a compute node as well has the controller's
    nova.conf.
    """
    for file in service.files:
        path = renderer.redacted(file.path, host)
        if path not in paths and has_file(renderer, file, service, host):
            paths.add(path)
            content, redacted = _contents(renderer, file, host)
            yield DesiredFile(
                path=path,
                content=Secret(content),
                redacted=redacted,
                owner=file.owner,
                mode=file.mode,
                service=service.name,
            )


def _contents(renderer: TemplateRenderer, file: File, host: Host) -> tuple[str, str]:
    """Return the content of a file with its secrets, and with stars for them."""
    if file.program:
        if file.program not in renderer.programs:
            raise CloudError(f"missing program '{file.program}'", code="no-program")
        text = renderer.programs[file.program]
        return text, text
    template = file_template(file)
    content, redacted = renderer.render(template, host), renderer.redacted(template, host)
    if file.content is None:
        return _without_empty(content), _without_empty(redacted)
    return content, redacted


def has_file(renderer: TemplateRenderer, file: File, service: Service, host: Host) -> bool:
    """Return whether a host has a file: one with the file's roles, or else with the service's packages."""
    cloud = renderer.cloud
    return (
        cloud.has(host, file.roles or tuple(service.packages))
        and (not file.families or cloud.family in file.families)
        and renderer.matches(file.where)
    )
