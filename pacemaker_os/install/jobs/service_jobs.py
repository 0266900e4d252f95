"""Steps of services: databases, jobs, what hosts share, the cluster's document."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from pacemaker_os.errors import TransportError
from pacemaker_os.install.context.context import CLOUD, Run
from pacemaker_os.install.hosts.prepare import done_with
from pacemaker_os.install.jobs import job as jobs
from pacemaker_os.install.jobs.shared_directory import share_folder
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack import render
from pacemaker_os.openstack.service import Service
from pacemaker_os.openstack.wanted import Identity, WantedJob

#: Seconds between two attempts of a job that may be tried again.
_PAUSE = 2.0

#: Services whose jobs run at the same time, all of them on the first controller.
_AT_ONCE = 3

#: Seconds that the identity service may take to answer after its start, and to take in what it shall know.
_IDENTITY = 300.0


def make_databases(run: Run, services: Iterable[Service]) -> None:
    """Make the databases of services, and their users, on whichever node: Galera tells the others."""
    for service in services:
        statements = render.database_statements(run.cloud, service, run.secrets)
        if statements is None:
            continue
        stamp = jobs.stamp_name("database", service.name)
        digest = jobs.digest_of(statements.reveal())
        if run.facts[run.first].stamps.get(stamp) == digest:
            continue
        with run.step(run.first, f"database of {service.name}"):
            run.transports[run.first].run(["mariadb", "--batch"], input=statements, timeout=120)
            _note(run, run.first, stamp, digest)
        run.note_change(CLOUD, f"database of {service.name}")


def run_jobs(run: Run, services: Iterable[Service], when: str, nodes: Collection[str]) -> None:
    """Run on some nodes what is to be run for services at a stage, and is not noted as done.

    Services do not wait for each other here: what needs another comes in a later wave.
    """

    def one(service: Service) -> None:
        for job in render.jobs(run.cloud, service, run.secrets, when):
            if job.host in nodes:
                _run_job(run, job)
        if when == "prepare":
            for shared in service.shared:
                share_folder(run, shared)

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(one, services))


def pending_jobs(run: Run, services: Iterable[Service], when: str) -> Iterator[WantedJob]:
    """The jobs that would be run now."""
    for service in services:
        for job in render.jobs(run.cloud, service, run.secrets, when):
            if not _is_done(run, job):
                yield job


def ensure_identity(run: Run, services: Iterable[Service]) -> None:
    """Let the identity service know users, projects, roles and endpoints; what is right is left alone."""
    wanted = render.identity(run.cloud, tuple(services), run.secrets)
    with run.step(run.first, "users and endpoints"):
        ca = run.cloud.settings.get("tls_ca", "") if run.cloud.settings.get("tls") == "yes" else ""
        argument = _identity_argument(wanted, ca)
        done = run_program(run.transports[run.first], "identity", argument, timeout=_IDENTITY)
    for what in done["changed"]:
        run.note_change(CLOUD, what)


def _identity_argument(wanted: Identity, ca: str) -> dict[str, object]:
    """The identity as the program takes it; it goes by standard input."""
    return {
        "ca": ca,
        "auth_url": wanted.auth_url,
        "password": wanted.password.reveal(),
        "region": wanted.region,
        "domains": wanted.domains,
        "projects": wanted.projects,
        "roles": wanted.roles,
        "users": [
            {
                "name": user.name,
                "password": user.password.reveal(),
                "domain": user.domain,
                "project": user.project,
                "roles": user.roles,
            }
            for user in wanted.users
        ],
        "endpoints": [
            {"service": each.service, "type": each.type, "description": each.description, "url": each.url}
            for each in wanted.endpoints
        ],
    }


def _is_done(run: Run, job: WantedJob) -> bool:
    facts = run.facts[job.host]
    return facts.stamps.get(jobs.job_stamp(job)) == jobs.job_digest(job, facts)


def _run_job(run: Run, job: WantedJob) -> None:
    if _is_done(run, job):
        return
    transport = run.transports[job.host]
    with run.step(job.host, f"{job.service}: {job.name}"):
        deadline = time.monotonic() + job.patience
        while True:
            try:
                changed = jobs.run_job(transport, job)
                break
            except TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
        _note(run, job.host, jobs.job_stamp(job), jobs.job_digest(job, run.facts[job.host]))
    if changed:
        run.note_change(job.host, f"{job.service}: {job.name}")


def _note(run: Run, node: str, stamp: str, digest: str) -> None:
    jobs.note(run.transports[node], stamp, digest)
    done_with(run, node, stamp, digest)
