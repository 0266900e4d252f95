"""Asking the services for what they are there for: each service's own commands, and what came of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pacemaker_os.errors import CommandFailed, TransportError
from pacemaker_os.install.context.context import Run
from pacemaker_os.install.jobs import job as jobs
from pacemaker_os.openstack import render
from pacemaker_os.openstack.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class Seen:
    """A verification: whether it went well, how long it took (s), and what the command said."""

    service: str
    name: str
    node: str
    command: str
    good: bool
    seconds: float
    said: str


def verify(run: Run) -> Iterator[Seen]:
    """Run every verification of the chosen services, and yield what came of each."""
    for service in (CATALOGUE[name] for name in run.services):
        for job in render.jobs(run.cloud, service, run.secrets, "verify"):
            begin = time.monotonic()
            try:
                done = jobs.start(run.transports[job.host], job)
                good, said = True, done.text
            except CommandFailed as error:
                good, said = False, error.stderr
            except TransportError as error:
                good, said = False, str(error)
            seconds = time.monotonic() - begin
            yield Seen(service.name, job.name, job.host, " ".join(job.argv), good, seconds, said.strip())
