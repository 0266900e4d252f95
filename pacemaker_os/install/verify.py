"""Functional tests of services."""

from __future__ import annotations

import time
from collections.abc import Iterator

from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import CommandFailed, TransportError
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.jobs import job as jobs
from pacemaker_os.openstack.definitions import SERVICES
from pacemaker_os.openstack.desired import DesiredJob
from pacemaker_os.openstack.jobs import desired_jobs


@dataclass(frozen=True, slots=True)
class ServiceTest:
    """Result of a functional test: whether it passed, its duration in seconds, and the command output."""

    service: str
    name: str
    node: str
    command: str
    passed: bool
    seconds: float
    output: str


def verify(context: DeployContext) -> Iterator[ServiceTest]:
    """Run the functional tests of the selected services and yield the result of each."""
    for service in (SERVICES[name] for name in context.services):
        for job in desired_jobs(context.cloud, service, context.secrets, "verify"):
            begin = time.monotonic()
            passed, output = _run(context, job)
            seconds = time.monotonic() - begin
            yield ServiceTest(
                service.name, job.name, job.host, " ".join(job.argv), passed, seconds, output.strip()
            )


def _run(context: DeployContext, job: DesiredJob) -> tuple[bool, str]:
    """Run a test; return whether it passed, and its output."""
    try:
        return True, jobs.start(context.transports[job.host], job).text
    except CommandFailed as error:
        return False, error.stderr
    except TransportError as error:
        return False, str(error)
