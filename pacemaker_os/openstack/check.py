"""Validation of a desired cloud, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from pacemaker_os.dataclass import dataclass
from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.errors import CloudError, unknown
from pacemaker_os.openstack.families import FAMILIES
from pacemaker_os.openstack.releases import RELEASES
from pacemaker_os.openstack.settings import SETTINGS
from pacemaker_os.openstack.template import TemplateRenderer


@dataclass(frozen=True, slots=True)
class CloudProblem:
    """A problem in a cloud: the kind and name of its subject, the message, and the code.

    The kind is family, release, service, setting or host.
    """

    about: str
    name: str
    message: str
    code: str


def check(cloud: Cloud) -> tuple[CloudProblem, ...]:
    """Return every problem in the family, release, services, settings and hosts of a cloud."""
    unsupported = tuple(_distribution(cloud))
    if unsupported:
        return unsupported
    found = [*_settings(cloud), *_services(cloud)]
    return tuple(found) if found else tuple(_fencing(cloud))


def refuse(cloud: Cloud) -> None:
    """Raise CloudError for the first problem, if there is any."""
    for problem in check(cloud):
        raise CloudError(problem.message, code=problem.code)


def _of(about: str, name: str, error: CloudError) -> CloudProblem:
    """Return an error as a problem."""
    return CloudProblem(about, name, str(error), error.code)


def _distribution(cloud: Cloud) -> Iterator[CloudProblem]:
    """Yield a problem for an unknown family and for an unknown release."""
    if cloud.family not in FAMILIES:
        yield _of("family", cloud.family, unknown("family", cloud.family, FAMILIES))
    if cloud.release not in RELEASES:
        yield _of("release", cloud.release, unknown("release", cloud.release, RELEASES))


def _settings(cloud: Cloud) -> Iterator[CloudProblem]:
    """Yield unknown settings and invalid values."""
    for name, value in cloud.settings.items():
        if name not in SETTINGS:
            yield _of("setting", name, unknown("setting", name, SETTINGS))
        elif not SETTINGS[name].accepts(value):
            message = f"invalid value '{value}' of setting '{name}'; expected {SETTINGS[name].expected}"
            yield CloudProblem("setting", name, message, "setting-value")


def _services(cloud: Cloud) -> Iterator[CloudProblem]:
    """Yield services that are unknown, unavailable here, or without a suitable host."""
    for name in cloud.services:
        if name not in SERVICES:
            yield _of("service", name, unknown("service", name, SERVICES))
            continue
        service = SERVICES[name]
        for where in (cloud.family, cloud.release):
            if where in service.unavailable:
                yield CloudProblem("service", name, service.unavailable[where], "absent-service")
        if service.packages and not any(cloud.with_role(role) for role in service.packages):
            roles = " or ".join(service.packages)
            message = f"service '{name}' requires a host with role {roles}"
            yield CloudProblem("service", name, message, "no-host")
    if "instance-ha" in cloud.services and cloud.settings.get("fencing") == "no":
        message = (
            "'instance-ha' requires fencing: only fencing guarantees that the instances of a failed node "
            "have stopped"
        )
        yield CloudProblem("service", "instance-ha", message, "no-fencing")
    if "keepalived" in cloud.services and cloud.with_role("front") == cloud.with_role("controller"):
        message = "service 'keepalived' requires hosts with role front; add some, or remove the service"
        yield CloudProblem("service", "keepalived", message, "no-host")


def _fencing(cloud: Cloud) -> Iterator[CloudProblem]:
    """Yield hosts of the cluster without a fencing device, unless fencing is disabled."""
    if TemplateRenderer(cloud, {}).setting("fencing") == "yes":
        for host in cloud.fenceable:
            if "agent" not in host.fencing:
                message = (
                    f"host '{host.name}' has no fencing device; add one (`fencing: {{agent: fence_ipmilan, "
                    "ip: ...}`), or, for test clouds only, set `fencing: no`"
                )
                yield CloudProblem("host", host.name, message, "no-fencing")
