"""Aodh: alarms on metrics."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.api_servers import api_unit, uwsgi, wsgi_site
from pacemaker_os.openstack.parts.sections import (
    COORDINATION,
    TRANSPORT,
    auth,
    authtoken,
    bus,
    database,
    proxy_headers,
)
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
    name="aodh",
    title="Aodh (alarms)",
    needs=("gnocchi",),
    packages={
        "controller": DistroNames(
            debian=("aodh-api", "aodh-evaluator", "aodh-notifier", "aodh-listener", "python3-aodhclient"),
            redhat=(
                "openstack-aodh-api",
                "openstack-aodh-evaluator",
                "openstack-aodh-notifier",
                "openstack-aodh-listener",
                "python3-aodhclient",
            ),
        )
    },
    units=(
        Unit(
            resource="aodh-api",
            unit=api_unit("aodh-api"),
            health=HealthCheck(url="http://{{ loopback }}:8042/healthcheck"),
        ),
        Unit(
            resource="aodh-evaluator",
            unit=DistroNames(debian=("aodh-evaluator",), redhat=("openstack-aodh-evaluator",)),
        ),
        Unit(
            resource="aodh-notifier",
            unit=DistroNames(debian=("aodh-notifier",), redhat=("openstack-aodh-notifier",)),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="aodh-listener",
            unit=DistroNames(debian=("aodh-listener",), redhat=("openstack-aodh-listener",)),
            health=HealthCheck(bus=True),
        ),
    ),
    files=(
        File(
            path="/etc/aodh/aodh.conf",
            owner="root:aodh",
            mode=0o640,
            sections={
                "DEFAULT": TRANSPORT,
                "api": {
                    "paste_config": (
                        "{{ by_family(debian='/usr/lib/python3/dist-packages/aodh/api/api-paste.ini', "
                        "ubuntu='') }}"
                    ),
                },
                "coordination": {"backend_url": COORDINATION},
                "evaluator": {"workers": "{{ setting('workers') }}"},
                "listener": {"workers": "{{ setting('workers') }}"},
                "notifier": {"workers": "{{ setting('workers') }}"},
                "database": database("aodh"),
                "service_credentials": {**auth("aodh"), "interface": "public"},
                **authtoken("aodh"),
                **proxy_headers(),
                **bus(),
            },
        ),
        *uwsgi("aodh-api", "/etc/aodh/aodh-api-uwsgi.ini", 8042),
        *wsgi_site("aodh-api", "/usr/bin/aodh-api", 8042, user="aodh", packaged={"redhat": "20-aodh_wsgi"}),
    ),
    databases=(Database(name="aodh", user="aodh"),),
    users=(User(name="aodh"),),
    endpoints=(Endpoint(service="aodh", type="alarming", port=8042),),
    listeners=(Listener(name="aodh", port=8042, check="/healthcheck"),),
    jobs=(Job(name="aodh database schema", argv=("aodh-dbsync",), user="aodh"),),
    verify=(Job(name="alarms", argv=("openstack", "alarm", "list")),),
)
