"""Jobs: one-off commands for the whole cloud, such as creating tables.

A completed job leaves a stamp file on the node where it ran. The stamp is a digest of everything that the job
consists of, including the versions of its packages. A package upgrade therefore runs the job again;
otherwise, a second deployment skips it.
"""

from __future__ import annotations

import hashlib
import json
import re

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.facts.host_facts import STAMPS, HostFacts
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.desired import DesiredJob
from pacemaker_os.transport.base import Result, Transport

#: Path prefix of lock files; the service name follows.
_LOCKS = "/run/lock/pcs-os-"


def job_stamp(job: DesiredJob) -> str:
    """Return the name of the stamp file of a job."""
    return stamp_name(job.service, job.name)


def stamp_name(*names: str) -> str:
    """Return a file name that consists of `names`."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(names).lower())


def job_digest(job: DesiredJob, facts: HostFacts) -> str:
    """Return the digest of a job; it reveals no secret."""
    versions = {name: version for name, version in facts.packages.items() if job.service in name}
    content = [
        job.argv,
        job.user,
        job.stdin.reveal() if job.stdin else "",
        [(name, value.reveal()) for name, value in job.env],
        sorted(versions.items()),
    ]
    return digest_of(content)


def digest_of(value: object) -> str:
    """Return the digest of a JSON value."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def run_job(transport: Transport, job: DesiredJob) -> bool:
    """Run a job unless it is already done; return whether it made a change. Raises TransportError."""
    if job.unless:
        argv = _job_line(job, job.unless)
        if transport.run(argv, env=dict(job.env), ok=(), timeout=2 * job.timeout).status == 0:
            return False
    try:
        start(transport, job)
    except CommandFailed as error:
        if not job.already_done_message or job.already_done_message not in error.stderr:
            raise
        return False
    return True


def start(transport: Transport, job: DesiredJob) -> Result:
    """Run the command of a job. Raises TransportError."""
    argv, timeout = _job_line(job, job.argv), 2 * job.timeout
    return transport.run(argv, input=job.stdin, env=dict(job.env), timeout=timeout, ok=job.success_statuses)


def record_stamp(transport: Transport, stamp: str, digest: str) -> None:
    """Write the stamp file of a completed job on a node."""
    entry = {"action": "stamp", "path": f"{STAMPS}/{stamp}", "content": digest}
    run_program(transport, "write_files", [entry])


def _job_line(job: DesiredJob, argv: tuple[str, ...]) -> list[str]:
    """Return the command, run as its user and under the lock of its service.

    A job of an interrupted deployment may still run on the node; the lock makes this one wait for it.
    """
    lock = ["flock", "--wait", str(job.timeout), f"{_LOCKS}{stamp_name(job.service)}"]
    return [*lock, *argv] if job.user == "root" else [*lock, "runuser", "-u", job.user, "--", *argv]
