"""The names of the secrets that a cloud uses."""

from __future__ import annotations

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.definitions import ordered
from pacemaker_os.openstack.jobs import job_hosts
from pacemaker_os.openstack.render import file_template, has_file, template_renderer


def secret_names(cloud: Cloud) -> tuple[str, ...]:
    """Return the name of every secret that the cloud's services use."""
    renderer = template_renderer(cloud, {})
    found: dict[str, None] = {"admin": None}
    for service in ordered(cloud.services):
        # Rendered for one of the file's hosts, because a template may not be valid for others.
        for file in service.files:
            for host in [host for host in cloud.hosts if has_file(renderer, file, service, host)][:1]:
                found |= dict.fromkeys(renderer.secret_names(file_template(file), host))
        for job in (*service.jobs, *service.verify):
            for host in job_hosts(renderer, job)[:1]:
                for text in (job.stdin, *job.env.values()):
                    found |= dict.fromkeys(renderer.secret_names(text, host))
        found |= dict.fromkeys(database.secret for database in service.databases)
        found |= dict.fromkeys(user.name for user in service.users)
    return tuple(found)
