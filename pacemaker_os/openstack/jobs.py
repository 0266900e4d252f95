"""The desired jobs of a service, rendered for their hosts."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.openstack.cloud import Cloud, Host
from pacemaker_os.openstack.desired import DesiredJob
from pacemaker_os.openstack.parts.client import ADMIN
from pacemaker_os.openstack.render import template_renderer
from pacemaker_os.openstack.service import Job, Service
from pacemaker_os.openstack.template import TemplateRenderer
from pacemaker_os.secret import Secret


def desired_jobs(
    cloud: Cloud, service: Service, secrets: Mapping[str, Secret], when: str = "prepare"
) -> tuple[DesiredJob, ...]:
    """Return the jobs of a stage (prepare, finish or verify), in order, for each of their hosts."""
    renderer = template_renderer(cloud, secrets)
    found = service.verify if when == "verify" else [job for job in service.jobs if job.when == when]
    return tuple(_job(renderer, service, job, host) for job in found for host in job_hosts(renderer, job))


def job_hosts(renderer: TemplateRenderer, job: Job) -> tuple[Host, ...]:
    """Return the hosts on which a job runs."""
    cloud = renderer.cloud
    if (job.families and cloud.family not in job.families) or not renderer.matches(job.where):
        return ()
    hosts = tuple(host for host in cloud.hosts if cloud.has(host, job.roles))
    return hosts if job.on_every_host else hosts[:1]


def _job(renderer: TemplateRenderer, service: Service, job: Job, host: Host) -> DesiredJob:
    """Return a rendered job. Every user of a host can read its arguments, so secrets are masked there."""
    env = {**ADMIN, **job.env} if job.argv[0] == "openstack" else job.env
    return DesiredJob(
        name=job.name,
        service=service.name,
        host=host.name,
        argv=tuple(part for word in job.argv for part in renderer.redacted(word, host).splitlines()),
        user=renderer.redacted(job.user, host),
        unless=tuple(renderer.redacted(word, host) for word in job.unless),
        stdin=Secret(renderer.render(job.stdin, host)) if job.stdin else None,
        env=tuple(
            (name, Secret(text)) for name, value in env.items() if (text := renderer.render(value, host))
        ),
        timeout=job.timeout,
        retry_timeout=job.retry_timeout,
        success_statuses=job.success_statuses,
        already_done_message=job.already_done_message,
    )
