"""Placement: inventory of the resources of hosts."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.api_servers import api_unit, uwsgi, wsgi_site
from pacemaker_os.openstack.parts.sections import authtoken, database, proxy_headers
from pacemaker_os.openstack.service import (
    Database,
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Service,
    Unit,
    User,
)

SERVICE = Service(
    name="placement",
    title="Placement (resource inventory)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=("placement-api",), redhat=("openstack-placement-api", "httpd", "python3-mod_wsgi")
        )
    },
    units=(
        Unit(
            resource="placement",
            unit=api_unit("placement-api"),
            health=HealthCheck(url="http://{{ loopback }}:8778/"),
        ),
    ),
    files=(
        File(
            path="/etc/placement/placement.conf",
            owner="root:placement",
            mode=0o640,
            sections={
                "placement_database": database("placement"),
                "api": {"auth_strategy": "keystone"},
                **authtoken("placement"),
                **proxy_headers(),
            },
        ),
        *uwsgi("placement-api", "/etc/placement/placement-api-uwsgi.ini", 8778),
        *wsgi_site(
            "placement-api",
            "/usr/bin/placement-api",
            8778,
            user="placement",
            packaged={"redhat": "00-placement-api"},
        ),
    ),
    databases=(Database(name="placement", user="placement"),),
    users=(User(name="placement"),),
    endpoints=(Endpoint(service="placement", type="placement", port=8778),),
    listeners=(Listener(name="placement", port=8778),),
    jobs=(Job(name="placement database schema", argv=("placement-manage", "db", "sync"), user="placement"),),
    verify=(
        Job(
            name="placement upgrade check",
            argv=("placement-status", "upgrade", "check"),
            success_statuses=(0, 1),
        ),
    ),
)
