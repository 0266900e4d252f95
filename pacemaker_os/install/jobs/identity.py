"""Keystone's users, projects, roles and endpoints."""

from __future__ import annotations

from collections.abc import Iterable

from pacemaker_os.install.context.context import DeployContext
from pacemaker_os.install.context.recorder import CLOUD
from pacemaker_os.install.nodes.program import run_program
from pacemaker_os.openstack.desired import Identity
from pacemaker_os.openstack.identity import desired_identity
from pacemaker_os.openstack.service import Service

#: Timeout for Keystone to respond after its start and to make all changes, in seconds.
_TIMEOUT = 300.0


def ensure_identity(context: DeployContext, services: Iterable[Service]) -> None:
    """Create missing users, projects, roles and endpoints of services, and correct existing ones."""
    desired = desired_identity(context.cloud, tuple(services), context.secrets)
    node = context.first_controller
    with context.recorder.step(node, "create users and endpoints"):
        settings = context.cloud.settings
        ca = settings.get("tls_ca", "") if settings.get("tls") == "yes" else ""
        argument = _program_argument(desired, ca)
        response = run_program(context.transports[node], "identity", argument, timeout=_TIMEOUT)
    for change in response["changed"]:
        context.recorder.record_change(CLOUD, change)


def _program_argument(desired: Identity, ca: str) -> dict[str, object]:
    """Return the argument of the program `identity`. It contains secrets and travels by standard input."""
    return {
        "ca": ca,
        "auth_url": desired.auth_url,
        "password": desired.password.reveal(),
        "region": desired.region,
        "domains": desired.domains,
        "projects": desired.projects,
        "roles": desired.roles,
        "users": [
            {
                "name": user.name,
                "password": user.password.reveal(),
                "domain": user.domain,
                "project": user.project,
                "roles": user.roles,
            }
            for user in desired.users
        ],
        "endpoints": [
            {"service": each.service, "type": each.type, "description": each.description, "url": each.url}
            for each in desired.endpoints
        ],
    }
