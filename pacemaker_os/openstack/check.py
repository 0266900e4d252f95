"""What is wrong with a cloud that somebody asks for, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pacemaker_os.openstack.catalogue import CATALOGUE
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.errors import CatalogueError, unknown
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.openstack.template import Filler


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: with what (service, setting or host), its name, the sentence, the code."""

    about: str
    name: str
    message: str
    code: str


def check(cloud: Cloud) -> tuple[Finding, ...]:
    """Everything that is wrong with the services, settings and hosts of a cloud."""
    found = [*_settings(cloud), *_services(cloud)]
    return tuple(found) if found else tuple(_fencing(cloud))


def refuse(cloud: Cloud) -> None:
    """Raise CatalogueError with what is wrong first, if anything is."""
    for finding in check(cloud):
        raise CatalogueError(finding.message, code=finding.code)


def _of(about: str, name: str, error: CatalogueError) -> Finding:
    """The finding that an error is."""
    return Finding(about, name, str(error), error.code)


def _settings(cloud: Cloud) -> Iterator[Finding]:
    """Settings that there are not, and values that a setting does not take."""
    for name, value in cloud.settings.items():
        if name not in SETTINGS:
            yield _of("setting", name, unknown("setting", name, SETTINGS))
        elif not SETTINGS[name].takes(value):
            said = f"setting '{name}' is {SETTINGS[name].values}, not '{value}'"
            yield Finding("setting", name, said, "setting-value")


def _services(cloud: Cloud) -> Iterator[Finding]:
    """Services that there are not, not here, or not without a host."""
    for name in cloud.services:
        if name not in CATALOGUE:
            yield _of("service", name, unknown("service", name, CATALOGUE))
            continue
        service = CATALOGUE[name]
        for where in (cloud.family, cloud.release):
            if where in service.absent:
                yield Finding("service", name, service.absent[where], "absent-service")
        if service.packages and not any(cloud.with_role(role) for role in service.packages):
            roles = " or ".join(service.packages)
            yield Finding("service", name, f"'{name}' needs a host of role {roles}", "no-host")
    if "instance-ha" in cloud.services and cloud.settings.get("fencing") == "no":
        said = "'instance-ha' needs fencing: nobody else knows that a node's instances run no more"
        yield Finding("service", "instance-ha", said, "no-fencing")
    if "keepalived" in cloud.services and cloud.with_role("front") == cloud.with_role("controller"):
        said = "'keepalived' is for front-end nodes: give hosts the role front, or leave it out"
        yield Finding("service", "keepalived", said, "no-host")


def _fencing(cloud: Cloud) -> Iterator[Finding]:
    """Hosts of the cluster without a device to power them off, where that is wanted."""
    if Filler(cloud, {}).setting("fencing") == "yes":
        for host in cloud.fenceable:
            if "agent" not in host.fencing:
                said = (
                    f"host '{host.name}' has no fencing device; give it one (`fencing: {{agent: "
                    "fence_ipmilan, ip: ...}`), or say `fencing: no` in the settings where nothing is kept"
                )
                yield Finding("host", host.name, said, "no-fencing")
