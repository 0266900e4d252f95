"""Nova: instances. This is the control plane; nova_compute.py defines the compute nodes."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.api_servers import uwsgi
from pacemaker_os.openstack.parts.sections import (
    TRANSPORT,
    auth,
    authtoken,
    cache,
    database,
    locks,
    login,
    notifications,
    proxy_headers,
)
from pacemaker_os.openstack.service import (
    Database,
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Sections,
    Service,
    Unit,
    User,
)

#: Configuration that the control plane and compute nodes share.
COMMON: Sections = {
    "DEFAULT": {
        **TRANSPORT,
        "log_dir": "/var/log/nova",
        "state_path": "/var/lib/nova",
        "my_ip": "{{ host.address }}",
        # service_down_time exceeds the RPC timeout, so compute services do not count as down during a
        # failover of the message bus.
        "rpc_response_timeout": "30",
        "report_interval": "10",
        "service_down_time": "60",
    },
    "api": {"auth_strategy": "keystone"},
    "cache": cache(),
    "glance": {"region_name": "{{ cloud.region }}", "cafile": "{{ ca }}"},
    "cinder": {"os_region_name": "{{ cloud.region }}", "cafile": "{{ ca }}"},
    "placement": auth("placement"),
    "neutron": {
        **auth("neutron"),
        "service_metadata_proxy": "true",
        "metadata_proxy_shared_secret": "{{ secret('metadata') }}",
    },
    "service_user": {"send_service_user_token": "true", **login("nova")},
    "notifications": {
        "notify_on_state_change": "vm_and_task_state",
        "notification_format": "unversioned",
    },
    **locks("nova"),
    **notifications(),
}

SERVICE = Service(
    name="nova",
    title="Nova (instances)",
    needs=("keystone", "placement", "glance"),
    packages={
        "controller": DistroNames(
            debian=("nova-api", "nova-conductor", "nova-scheduler", "nova-consoleproxy"),
            redhat=(
                "openstack-nova-api",
                "openstack-nova-conductor",
                "openstack-nova-scheduler",
                "openstack-nova-novncproxy",
            ),
            ubuntu=("nova-api", "nova-conductor", "nova-scheduler", "nova-novncproxy"),
        )
    },
    masked_units={"controller": DistroNames(debian=("nova-serialproxy", "nova-spicehtml5proxy"), ubuntu=())},
    units=(
        Unit(
            resource="nova-api",
            unit=DistroNames(debian=("nova-api",), redhat=("openstack-nova-api",)),
            health=HealthCheck(url="http://{{ loopback }}:8774/"),
        ),
        # In other families, nova-api provides the metadata API as well.
        Unit(
            resource="nova-metadata",
            unit=DistroNames(debian=("nova-api-metadata",), ubuntu=()),
            health=HealthCheck(url="http://{{ loopback }}:8775/"),
        ),
        Unit(
            resource="nova-conductor",
            unit=DistroNames(debian=("nova-conductor",), redhat=("openstack-nova-conductor",)),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="nova-scheduler",
            unit=DistroNames(debian=("nova-scheduler",), redhat=("openstack-nova-scheduler",)),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="nova-novncproxy",
            unit=DistroNames(debian=("nova-novncproxy",), redhat=("openstack-nova-novncproxy",)),
            health=HealthCheck(url="http://{{ host.address }}:6080/vnc_lite.html"),
        ),
    ),
    files=(
        File(
            path="/etc/nova/nova.conf",
            owner="root:nova",
            mode=0o640,
            sections={
                **COMMON,
                "DEFAULT": {
                    **COMMON["DEFAULT"],
                    "osapi_compute_listen": "{{ host.address }}",
                    "osapi_compute_workers": "{{ setting('workers') }}",
                    "metadata_listen": "{{ host.address }}",
                    "metadata_workers": "{{ setting('workers') }}",
                },
                "api_database": database("nova_api", "nova"),
                "database": database("nova"),
                "conductor": {"workers": "{{ setting('workers') }}"},
                "scheduler": {
                    "workers": "{{ setting('workers') }}",
                    "discover_hosts_in_cells_interval": "300",
                },
                # Schedulers do not coordinate, so each picks one of several suitable hosts at random.
                "filter_scheduler": {"host_subset_size": "{{ [hosts('compute') | length, 30] | min }}"},
                "vnc": {
                    "enabled": "true",
                    "novncproxy_host": "{{ host.address }}",
                    "novncproxy_port": "6080",
                    "server_listen": "{{ host.address }}",
                    "server_proxyclient_address": "{{ host.address }}",
                },
                **authtoken("nova"),
                **proxy_headers(),
            },
        ),
        *uwsgi("nova-api", "/etc/nova/nova-api-uwsgi.ini", 8774),
        *uwsgi("nova-api-metadata", "/etc/nova/nova-api-metadata-uwsgi.ini", 8775),
        # Debian's default is spicehtml5, with which the unit of novncproxy exits immediately.
        File(
            path="/etc/default/nova-consoleproxy",
            content="NOVA_CONSOLE_PROXY_TYPE=novnc\nNOVA_SERIAL_PROXY_START=false\n",
            families=("debian",),
        ),
    ),
    directories={"/var/lib/nova/tmp": "nova:nova"},
    databases=(
        Database(name="nova_api", user="nova"),
        Database(name="nova", user="nova"),
        Database(name="nova_cell0", user="nova"),
    ),
    users=(User(name="nova"),),
    endpoints=(Endpoint(service="nova", type="compute", port=8774, path="/v2.1"),),
    listeners=(
        Listener(name="nova-api", port=8774),
        Listener(name="nova-metadata", port=8775),
        Listener(
            name="nova-novncproxy",
            port=6080,
            options=("balance source", "timeout tunnel 1h"),
            check="/vnc_lite.html",
        ),
    ),
    jobs=(
        Job(name="nova API database schema", argv=("nova-manage", "api_db", "sync"), user="nova"),
        Job(name="cell0", argv=("nova-manage", "cell_v2", "map_cell0"), user="nova"),
        # The exit status is 2 if the cell exists already.
        Job(
            name="cell1",
            argv=("nova-manage", "cell_v2", "create_cell", "--name=cell1"),
            user="nova",
            success_statuses=(0, 2),
        ),
        Job(name="nova database schema", argv=("nova-manage", "db", "sync"), user="nova"),
    ),
    verify=(
        Job(name="compute services", argv=("openstack", "compute", "service", "list")),
        Job(
            name="nova upgrade check",
            argv=("nova-status", "upgrade", "check"),
            user="nova",
            success_statuses=(0, 1),
        ),
    ),
)
