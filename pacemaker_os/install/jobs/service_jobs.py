"""Jobs of services: databases, and the commands before and after a service starts."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator

from pacemaker_os.errors import TransportError
from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import CLOUD
from pacemaker_os.install.jobs import job as jobs
from pacemaker_os.install.jobs.shared_directory import distribute_directory
from pacemaker_os.openstack.databases import database_statements
from pacemaker_os.openstack.desired import DesiredJob
from pacemaker_os.openstack.jobs import desired_jobs
from pacemaker_os.openstack.service import Service
from pacemaker_os.parallel import run_parallel

#: Seconds between two attempts of a job that may be retried.
_RETRY_INTERVAL = 2.0

#: Maximum number of services whose jobs run in parallel; most of them run on the first controller.
_MAX_PARALLEL = 3


def create_databases(context: DeployContext, services: Iterable[Service]) -> None:
    """Create the databases of services and their users. Galera replicates them to the other nodes."""
    node = context.first_controller
    for service in services:
        statements = database_statements(context.cloud, service, context.secrets)
        if statements is None:
            continue
        stamp = jobs.stamp_name("database", service.name)
        digest = jobs.digest_of(statements.reveal())
        if context.inventory.facts[node].stamps.get(stamp) == digest:
            continue
        with context.recorder.step(node, f"create database of {service.name}"):
            context.transports[node].run(["mariadb", "--batch"], input=statements, timeout=120)
            _record_stamp(context, node, stamp, digest)
        context.recorder.record_change(CLOUD, f"database of {service.name}")


def run_jobs(context: DeployContext, services: Iterable[Service], stage: str, nodes: Collection[str]) -> None:
    """Run the jobs of services for a stage on `nodes`, unless their stamp says that they are done.

    Services do not wait for each other here: a service is in a later wave than its dependencies.
    """

    def run_jobs_of(service: Service) -> None:
        for job in desired_jobs(context.cloud, service, context.secrets, stage):
            if job.host in nodes:
                _run_job(context, job)
        if stage == "prepare":
            for shared in service.shared:
                distribute_directory(context, shared)

    run_parallel(run_jobs_of, services, workers=_MAX_PARALLEL)


def pending_jobs(context: DeployContext, services: Iterable[Service], stage: str) -> Iterator[DesiredJob]:
    """Yield the jobs that a deployment would run."""
    for service in services:
        for job in desired_jobs(context.cloud, service, context.secrets, stage):
            if not _is_done(context, job):
                yield job


def _is_done(context: DeployContext, job: DesiredJob) -> bool:
    facts = context.inventory.facts[job.host]
    return facts.stamps.get(jobs.job_stamp(job)) == jobs.job_digest(job, facts)


def _run_job(context: DeployContext, job: DesiredJob) -> None:
    if _is_done(context, job):
        return
    transport = context.transports[job.host]
    with context.recorder.step(job.host, f"{job.service}: {job.name}"):
        deadline = time.monotonic() + job.retry_timeout
        while True:
            try:
                changed = jobs.run_job(transport, job)
                break
            except TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_RETRY_INTERVAL)
        digest = jobs.job_digest(job, context.inventory.facts[job.host])
        _record_stamp(context, job.host, jobs.job_stamp(job), digest)
    if changed:
        context.recorder.record_change(job.host, f"{job.service}: {job.name}")


def _record_stamp(context: DeployContext, node: str, stamp: str, digest: str) -> None:
    jobs.record_stamp(context.transports[node], stamp, digest)
    context.inventory.record_stamp(node, stamp, digest)
