"""Heat: orchestration."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.api_servers import uwsgi
from pacemaker_os.openstack.parts.sections import TRANSPORT, authtoken, database, notifications, proxy_headers
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
    name="heat",
    title="Heat (orchestration)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=("heat-api", "heat-api-cfn", "heat-engine", "python3-heatclient"),
            redhat=(
                "openstack-heat-api",
                "openstack-heat-api-cfn",
                "openstack-heat-engine",
                "python3-heatclient",
            ),
        )
    },
    units=(
        Unit(
            resource="heat-api",
            unit=DistroNames(debian=("heat-api",), redhat=("openstack-heat-api",)),
            health=HealthCheck(url="http://{{ loopback }}:8004/"),
        ),
        Unit(
            resource="heat-api-cfn",
            unit=DistroNames(debian=("heat-api-cfn",), redhat=("openstack-heat-api-cfn",)),
            health=HealthCheck(url="http://{{ loopback }}:8000/"),
        ),
        Unit(
            resource="heat-engine",
            unit=DistroNames(debian=("heat-engine",), redhat=("openstack-heat-engine",)),
            health=HealthCheck(bus=True),
        ),
    ),
    files=(
        File(
            path="/etc/heat/heat.conf",
            owner="root:heat",
            mode=0o640,
            sections={
                "DEFAULT": {
                    **TRANSPORT,
                    "heat_metadata_server_url": "{{ url('heat', 8000) }}",
                    "heat_waitcondition_server_url": "{{ url('heat', 8000) }}/v1/waitcondition",
                    "stack_domain_admin": "heat_domain_admin",
                    "stack_domain_admin_password": "{{ secret('heat_domain_admin') }}",
                    "stack_user_domain_name": "heat",
                    "num_engine_workers": "{{ setting('workers') }}",
                    "region_name_for_services": "{{ cloud.region }}",
                    # 32 characters, identical on all controllers, so that engines can read each other's data.
                    "auth_encryption_key": "{{ (secret('heat-key') * 32)[:32] }}",
                },
                "heat_api": {"bind_host": "{{ host.address }}", "workers": "{{ setting('workers') }}"},
                "heat_api_cfn": {"bind_host": "{{ host.address }}", "workers": "{{ setting('workers') }}"},
                "database": database("heat"),
                "trustee": {
                    "auth_type": "password",
                    "auth_url": "{{ url('keystone', 5000) }}/v3",
                    "username": "heat",
                    "password": "{{ secret('heat') }}",
                    "user_domain_name": "Default",
                },
                "clients_keystone": {"auth_uri": "{{ url('keystone', 5000) }}"},
                "clients": {"ca_file": "{{ ca }}"},
                **authtoken("heat"),
                **proxy_headers(),
                **notifications(),
            },
        ),
        *uwsgi("heat-api", "/etc/heat/heat-api-uwsgi.ini", 8004),
        *uwsgi("heat-api-cfn", "/etc/heat/heat-api-cfn-uwsgi.ini", 8000),
    ),
    databases=(Database(name="heat", user="heat"),),
    users=(User(name="heat"), User(name="heat_domain_admin", domain="heat", project="", roles=("admin",))),
    roles=("heat_stack_owner", "heat_stack_user"),
    endpoints=(
        Endpoint(service="heat", type="orchestration", port=8004, path="/v1/%(project_id)s"),
        Endpoint(service="heat-cfn", type="cloudformation", port=8000, path="/v1"),
    ),
    listeners=(Listener(name="heat-api", port=8004), Listener(name="heat-api-cfn", port=8000)),
    jobs=(Job(name="heat database schema", argv=("heat-manage", "db_sync"), user="heat"),),
    verify=(Job(name="engines", argv=("openstack", "orchestration", "service", "list")),),
)
