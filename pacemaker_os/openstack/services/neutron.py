"""Neutron: networks. This is the control plane; neutron_agents.py defines the agents on all hosts."""

from __future__ import annotations

from pacemaker_os.openstack.families import UWSGI_FAMILIES, DistroNames
from pacemaker_os.openstack.parts import neutron_periodic
from pacemaker_os.openstack.parts.api_servers import uwsgi
from pacemaker_os.openstack.parts.sections import (
    TRANSPORT,
    auth,
    authtoken,
    database,
    locks,
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

#: Configuration that the control plane and the agents share.
COMMON: Sections = {
    "DEFAULT": {
        **TRANSPORT,
        "core_plugin": "ml2",
        "service_plugins": "router",
        "auth_strategy": "keystone",
        "rpc_response_timeout": "60",
    },
    "agent": {"root_helper": "sudo /usr/bin/neutron-rootwrap /etc/neutron/rootwrap.conf"},
    # Releases that still have linuxbridge load it only with this option.
    "experimental": {"linuxbridge": "{{ 'true' if setting('network_agent') == 'linuxbridge' }}"},
    "privsep": {"capabilities": "{{ setting('privsep_capabilities') }}"},
    **locks("neutron"),
    **notifications(),
}

ML2 = File(
    path="/etc/neutron/plugins/ml2/ml2_conf.ini",
    owner="root:neutron",
    mode=0o640,
    sections={
        "ml2": {
            "type_drivers": "local,flat,vlan,vxlan",
            "tenant_network_types": "{{ setting('tenant_network_type') }}",
            "mechanism_drivers": "{{ setting('network_agent') }},l2population",
            "extension_drivers": "port_security",
        },
        "ml2_type_flat": {"flat_networks": "external"},
        "ml2_type_vxlan": {"vni_ranges": "1:1000"},
        "securitygroup": {"enable_ipset": "true"},
    },
)

SERVICE = Service(
    name="neutron",
    title="Neutron (networks)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=("neutron-api", "neutron-rpc-server"),
            redhat=("openstack-neutron", "openstack-neutron-ml2"),
            ubuntu=("neutron-server", "neutron-plugin-ml2"),
        )
    },
    units=(
        # First, because an agent whose call gets no reply waits for a minute.
        Unit(
            resource="neutron-rpc-server",
            unit=DistroNames(debian=("neutron-rpc-server",), ubuntu=()),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="neutron-server",
            unit=DistroNames(debian=("neutron-api",), redhat=("neutron-server",), ubuntu=("neutron-server",)),
            health=HealthCheck(url="http://{{ loopback }}:9696/"),
        ),
        neutron_periodic.UNIT,
    ),
    files=(
        File(
            path="/etc/neutron/neutron.conf",
            owner="root:neutron",
            mode=0o640,
            sections={
                **COMMON,
                "DEFAULT": {
                    **COMMON["DEFAULT"],
                    "bind_host": "{{ host.address }}",
                    "api_workers": "{{ setting('workers') }}",
                    "rpc_workers": "{{ setting('workers') }}",
                    "rpc_state_report_workers": "1",
                    "notify_nova_on_port_status_changes": "true",
                    "notify_nova_on_port_data_changes": "true",
                    "l3_ha": "{{ 'true' if hosts('network') | length > 1 else 'false' }}",
                    "max_l3_agents_per_router": "{{ [hosts('network') | length, 3] | min }}",
                    "dhcp_agents_per_network": "{{ [hosts('network') | length, 3] | min }}",
                    "allow_automatic_l3agent_failover": "true",
                },
                "database": database("neutron"),
                "nova": auth("nova"),
                **authtoken("neutron"),
                **proxy_headers(),
            },
        ),
        ML2,
        File(path="/etc/neutron/api-wsgi.py", program="neutron_api_wsgi.py", families=UWSGI_FAMILIES),
        *uwsgi(
            "neutron-server",
            "/etc/neutron/neutron-api-uwsgi.ini --wsgi-file /etc/neutron/api-wsgi.py",
            9696,
            unit="neutron-api",
        ),
        *neutron_periodic.FILES,
    ),
    directories={"/var/lib/neutron/tmp": "neutron:neutron"},
    databases=(Database(name="neutron", user="neutron"),),
    users=(User(name="neutron"),),
    endpoints=(Endpoint(service="neutron", type="network", port=9696),),
    listeners=(Listener(name="neutron", port=9696),),
    jobs=(
        Job(
            name="neutron database schema",
            argv=(
                "neutron-db-manage",
                *("--config-file", "/etc/neutron/neutron.conf"),
                *("--config-file", "/etc/neutron/plugins/ml2/ml2_conf.ini"),
                *("upgrade", "heads"),
            ),
            user="neutron",
        ),
    ),
    verify=(Job(name="network agents", argv=("openstack", "network", "agent", "list")),),
)
