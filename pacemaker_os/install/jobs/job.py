"""What is run once for the whole cloud: tables, keys, databases. A job that is done is noted where it ran.

The note is the digest of all that the job was made of, the versions of its packages included: after an
upgrade tables are brought up to date, and otherwise a second run of a deployment costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import re

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.facts.host_facts import STAMPS, HostFacts
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.wanted import WantedJob
from pacemaker_os.transport.base import Result, Transport

#: Where the locks of services lie; the rest of the name is the service's.
_LOCKS = "/run/lock/pcs-os-"


def job_stamp(job: WantedJob) -> str:
    """The name of a job's note."""
    return stamp_name(job.service, job.name)


def stamp_name(*words: str) -> str:
    """A file name of words."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower())


def job_digest(job: WantedJob, facts: HostFacts) -> str:
    """What a job is made of, as one word that gives nothing away."""
    versions = {name: version for name, version in facts.packages.items() if job.service in name}
    said = [
        job.argv,
        job.user,
        job.stdin.reveal() if job.stdin else "",
        [(name, value.reveal()) for name, value in job.env],
        sorted(versions.items()),
    ]
    return digest_of(said)


def digest_of(value: object) -> str:
    """The digest of a value that JSON can hold."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def run_job(transport: Transport, job: WantedJob) -> bool:
    """Run a job unless it says itself that it is done; say whether it was run. Raises TransportError."""
    if job.unless:
        line = _line(job, job.unless)
        if transport.run(line, env=dict(job.env), ok=(), timeout=2 * job.timeout).status == 0:
            return False
    try:
        start(transport, job)
    except CommandFailed as error:
        if not job.already or job.already not in error.stderr:
            raise
        return False
    return True


def start(transport: Transport, job: WantedJob) -> Result:
    """Run a job's command. Raises TransportError."""
    line = _line(job, job.argv)
    return transport.run(line, input=job.stdin, env=dict(job.env), timeout=2 * job.timeout, ok=job.ok)


def note(transport: Transport, stamp: str, digest: str) -> None:
    """Note on a node that a job is done."""
    piece = {"do": "stamp", "path": f"{STAMPS}/{stamp}", "content": digest}
    run_program(transport, "write_files", [piece])


def _line(job: WantedJob, argv: tuple[str, ...]) -> list[str]:
    """The command as its user, one at a time for each service.

    What a deployment began that was cut off may still be at work on the node: it is waited for.
    """
    lock = ["flock", "--wait", str(job.timeout), f"{_LOCKS}{stamp_name(job.service)}"]
    return [*lock, *argv] if job.user == "root" else [*lock, "runuser", "-u", job.user, "--", *argv]
