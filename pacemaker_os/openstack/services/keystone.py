"""Keystone: identity."""

from __future__ import annotations

from pacemaker_os.agents.openstack_service.unit import RUNNING_UNITS
from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import fernet_keys
from pacemaker_os.openstack.parts.api_servers import api_unit, uwsgi, wsgi_site
from pacemaker_os.openstack.parts.client import ADMIN, openrc
from pacemaker_os.openstack.parts.sections import cache, database, notifications, proxy_headers
from pacemaker_os.openstack.service import (
    Database,
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Service,
    Shared,
    Unit,
)

#: On Debian 13, units of other services have Wants=keystone.service and would start it after Pacemaker
#: stopped it.
ONLY_BY_PACEMAKER = f"""\
# Only Pacemaker starts this unit; Wants= of other units has no effect.
[Unit]
ConditionPathExists={RUNNING_UNITS}/keystone.service
"""

#: Every API call waits for Keystone, and password hashing takes CPU time by design. When a cache of tokens is
#: lost, for example because a node is drained, all services validate their tokens at the same time.
PRIORITY = """\
# All APIs wait for Keystone, so it has a higher CPU priority.
[Service]
Nice={{ setting('keystone_niceness') }}
"""

SERVICE = Service(
    name="keystone",
    title="Keystone (identity)",
    needs=("galera", "rabbitmq", "memcached", "haproxy"),
    packages={
        "controller": DistroNames(
            debian=("keystone",), redhat=("openstack-keystone", "httpd", "python3-mod_wsgi")
        )
    },
    units=(
        Unit(
            resource="keystone",
            unit=api_unit("keystone"),
            health=HealthCheck(url="http://{{ loopback }}:5000/healthcheck"),
        ),
        fernet_keys.UNIT,
    ),
    files=(
        File(
            path="/etc/keystone/keystone.conf",
            owner="root:keystone",
            mode=0o640,
            sections={
                "DEFAULT": {"transport_url": "{{ transport_url }}"},
                "database": database("keystone"),
                "token": {"provider": "fernet"},
                "fernet_tokens": {"max_active_keys": fernet_keys.ACTIVE_KEYS},
                "cache": cache(),
                **proxy_headers(),
                **notifications(),
            },
        ),
        *uwsgi("keystone", "/etc/keystone/keystone-uwsgi.ini", 5000),
        *wsgi_site(
            "keystone",
            "/usr/bin/keystone-wsgi-public",
            5000,
            user="keystone",
            packaged={"redhat": "wsgi-keystone"},
        ),
        File(
            path="/etc/systemd/system/keystone.service.d/45-pacemaker-alone.conf",
            content=ONLY_BY_PACEMAKER,
            families=("debian",),
        ),
        # In other families, the web server runs Keystone and other APIs.
        File(
            path="/etc/systemd/system/keystone.service.d/40-first.conf",
            content=PRIORITY,
            families=("debian",),
        ),
        *fernet_keys.FILES,
        # Operators source this file to log in as administrator.
        File(
            path="/root/admin-openrc",
            content=openrc(ADMIN),
            mode=0o600,
        ),
    ),
    databases=(Database(name="keystone", user="keystone"),),
    endpoints=(Endpoint(service="keystone", type="identity", port=5000, path="/v3"),),
    listeners=(Listener(name="keystone", port=5000, check="/healthcheck"),),
    jobs=(
        Job(name="keystone database schema", argv=("keystone-manage", "db_sync"), user="keystone"),
        fernet_keys.JOB,
        Job(
            name="credential keys",
            argv=(
                "keystone-manage",
                "credential_setup",
                "--keystone-user",
                "keystone",
                "--keystone-group",
                "keystone",
            ),
            unless=("test", "-e", "/etc/keystone/credential-keys/0"),
        ),
        Job(
            name="administrator account",
            argv=(
                "keystone-manage",
                "bootstrap",
                "--bootstrap-region-id",
                "{{ cloud.region }}",
                *("--bootstrap-public-url", "{{ url('keystone', 5000) }}/v3"),
                *("--bootstrap-internal-url", "{{ url('keystone', 5000) }}/v3"),
                *("--bootstrap-admin-url", "{{ url('keystone', 5000) }}/v3"),
            ),
            env={"OS_BOOTSTRAP_PASSWORD": "{{ secret('admin') }}"},
        ),
    ),
    shared=(
        Shared(
            directory="/etc/keystone/credential-keys",
            generated_by="credential keys",
            owner="keystone:keystone",
        ),
    ),
    verify=(Job(name="token", argv=("openstack", "token", "issue", "-f", "value", "-c", "id")),),
)
