"""The desired content of Keystone: users, roles, projects and the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.desired import DesiredEndpoint, DesiredUser, Identity
from pacemaker_os.openstack.render import template_renderer
from pacemaker_os.openstack.service import Service
from pacemaker_os.secret import Secret


def desired_identity(cloud: Cloud, services: tuple[Service, ...], secrets: Mapping[str, Secret]) -> Identity:
    """Return the desired content of Keystone for these services."""
    renderer = template_renderer(cloud, secrets)
    users = [user for service in services for user in service.users]
    return Identity(
        auth_url=renderer.url("keystone", 5000) + "/v3",
        password=Secret(renderer.render("{{ secret('admin') }}")),
        region=cloud.region,
        domains=tuple(dict.fromkeys(user.domain for user in users if user.domain != "Default")),
        projects=tuple(dict.fromkeys(["service", *(user.project for user in users if user.project)])),
        roles=tuple(
            dict.fromkeys(
                [
                    *(role for service in services for role in service.roles),
                    *(role for user in users for role in user.roles if role != "admin"),
                ]
            )
        ),
        users=tuple(
            DesiredUser(
                name=user.name,
                password=Secret(renderer.render(f"{{{{ secret('{user.name}') }}}}")),
                domain=user.domain,
                project=user.project,
                roles=user.roles,
            )
            for user in users
        ),
        endpoints=tuple(
            DesiredEndpoint(
                service=entry.service,
                type=entry.type,
                description=entry.description or service.title,
                url=renderer.url(service.name, entry.port) + entry.path,
            )
            for service in services
            for entry in service.endpoints
        ),
    )
