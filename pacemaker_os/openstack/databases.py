"""The SQL statements that create a service's databases and users."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_interface

from pacemaker_os.openstack.cloud import Cloud
from pacemaker_os.openstack.render import template_renderer
from pacemaker_os.openstack.service import Database, Service
from pacemaker_os.openstack.template import TemplateRenderer
from pacemaker_os.secret import Secret

#: The privileges of a service in its own database; it cannot grant privileges to others.
GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, CREATE VIEW, TRIGGER"
)


def database_statements(cloud: Cloud, service: Service, secrets: Mapping[str, Secret]) -> Secret | None:
    """Return the SQL that creates a service's databases and user, or None if it has none. It is idempotent.

    The user can log in from the networks of the hosts with haproxy, through which all connections go.
    """
    if not service.databases:
        return None
    renderer = template_renderer(cloud, secrets)
    hosts = (*cloud.with_role("controller"), *cloud.with_role("front"))
    networks = dict.fromkeys(ip_interface(f"{host.address}/{cloud.prefix}").network for host in hosts)
    origins = [f"{network.network_address}/{network.netmask}" for network in networks]
    return Secret("".join(_statements(renderer, database, origins) for database in service.databases))


def _statements(renderer: TemplateRenderer, database: Database, origins: list[str]) -> str:
    """Return the SQL of one database, with its user for each origin."""
    password = renderer.render(f"{{{{ secret('{database.secret}') }}}}")
    lines = [f"CREATE DATABASE IF NOT EXISTS `{database.name}`"]
    for origin in origins:
        user = f"'{database.user}'@'{origin}'"
        lines.append(f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{password}'")
        lines.append(f"ALTER USER {user} IDENTIFIED BY '{password}'")
        lines.append(f"GRANT {GRANTS} ON `{database.name}`.* TO {user}")
    return "".join(f"{line};\n" for line in lines)
