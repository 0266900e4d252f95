"""Gnocchi: a time series database for metrics."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.api_servers import api_unit, uwsgi, wsgi_site
from pacemaker_os.openstack.parts.sections import COORDINATION, authtoken, sql
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
    name="gnocchi",
    title="Gnocchi (metrics)",
    needs=("keystone", "redis"),
    packages={
        "controller": DistroNames(
            debian=("gnocchi-api", "gnocchi-metricd", "python3-gnocchiclient", "python3-redis"),
            redhat=("gnocchi-api", "gnocchi-metricd", "python3-gnocchiclient", "python3-redis"),
        )
    },
    units=(
        Unit(
            resource="gnocchi-api",
            unit=api_unit("gnocchi-api"),
            health=HealthCheck(url="http://{{ loopback }}:8041/"),
        ),
        Unit(
            resource="gnocchi-metricd",
            unit=DistroNames(debian=("gnocchi-metricd",), redhat=("gnocchi-metricd",)),
        ),
    ),
    files=(
        File(
            path="/etc/gnocchi/gnocchi.conf",
            owner="root:gnocchi",
            mode=0o640,
            sections={
                "DEFAULT": {"coordination_url": COORDINATION},
                "api": {"auth_mode": "keystone", "enable_proxy_headers_parsing": "true"},
                "indexer": {"url": sql("gnocchi")},
                # Redis instead of files, so every controller can read measures that another one received.
                "storage": {"driver": "redis", "redis_url": COORDINATION},
                "incoming": {"driver": "redis", "redis_url": COORDINATION},
                "metricd": {"metric_processing_delay": "5", "workers": "{{ setting('workers') }}"},
                "archive_policy": {"default_aggregation_methods": "mean,min,max,sum,count"},
                **authtoken("gnocchi"),
            },
        ),
        *uwsgi("gnocchi-api", "/etc/gnocchi/gnocchi-api-uwsgi.ini", 8041),
        *wsgi_site(
            "gnocchi-api",
            "/usr/bin/gnocchi-api",
            8041,
            user="gnocchi",
            packaged={"redhat": "10-gnocchi_wsgi"},
        ),
    ),
    databases=(Database(name="gnocchi", user="gnocchi"),),
    users=(User(name="gnocchi"),),
    endpoints=(Endpoint(service="gnocchi", type="metric", port=8041),),
    listeners=(Listener(name="gnocchi", port=8041),),
    jobs=(Job(name="gnocchi database schema", argv=("gnocchi-upgrade",), user="gnocchi", retry_timeout=120),),
    verify=(Job(name="measures", argv=("openstack", "metric", "status")),),
)
