"""Neutron agents: bridges on network and compute nodes; DHCP, routers and metadata on network nodes."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.sections import cache
from pacemaker_os.openstack.service import File, HealthCheck, Service, Unit
from pacemaker_os.openstack.services.neutron import COMMON, ML2
from pacemaker_os.openstack.services.openvswitch import EXTERNAL_BRIDGE

ROLES = ("network", "compute")

#: Start timeout of the agent for bridges, in seconds. Before it connects to the message bus, it starts two
#: helpers through sudo, one at a time, each of which takes half a minute on a busy single-core controller.
START_TIMEOUT = 300

SERVICE = Service(
    name="neutron-agents",
    title="Neutron agents",
    needs=("neutron", "openvswitch"),
    packages={
        "network": DistroNames(
            debian=(
                *("neutron-dhcp-agent", "neutron-l3-agent", "neutron-metadata-agent"),
                *("{{ 'neutron-' + setting('network_agent') + '-agent' }}", "ebtables", "ipset", "conntrack"),
            ),
            redhat=(
                "openstack-neutron",
                "openstack-neutron-{{ setting('network_agent') }}",
                "ebtables",
                "ipset",
            ),
        ),
        "compute": DistroNames(
            debian=(
                "{{ 'neutron-' + setting('network_agent') + '-agent' }}",
                "ebtables",
                "ipset",
                "conntrack",
            ),
            redhat=("openstack-neutron-{{ setting('network_agent') }}", "ebtables", "ipset"),
        ),
    },
    units=(
        Unit(
            resource="neutron-linuxbridge-agent",
            unit=DistroNames(debian=("neutron-linuxbridge-agent",), redhat=("neutron-linuxbridge-agent",)),
            roles=ROLES,
            where={"network_agent": "linuxbridge"},
            health=HealthCheck(bus=True),
            start_timeout=START_TIMEOUT,
        ),
        Unit(
            resource="neutron-openvswitch-agent",
            unit=DistroNames(debian=("neutron-openvswitch-agent",), redhat=("neutron-openvswitch-agent",)),
            roles=ROLES,
            where={"network_agent": "openvswitch"},
            health=HealthCheck(bus=True),
            start_timeout=START_TIMEOUT,
        ),
        Unit(
            resource="neutron-dhcp-agent",
            unit=DistroNames(debian=("neutron-dhcp-agent",), redhat=("neutron-dhcp-agent",)),
            roles=("network",),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="neutron-l3-agent",
            unit=DistroNames(debian=("neutron-l3-agent",), redhat=("neutron-l3-agent",)),
            roles=("network",),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="neutron-metadata-agent",
            unit=DistroNames(debian=("neutron-metadata-agent",), redhat=("neutron-metadata-agent",)),
            roles=("network",),
        ),
    ),
    files=(
        # Security groups filter traffic on bridges; Neutron's agent sets the sysctls of this module.
        File(path="/etc/modules-load.d/60-openstack.conf", content="br_netfilter\n", roles=ROLES),
        File(path="/etc/neutron/neutron.conf", owner="root:neutron", mode=0o640, sections=COMMON),
        ML2,
        File(
            path="/etc/neutron/plugins/ml2/linuxbridge_agent.ini",
            where={"network_agent": "linuxbridge"},
            sections={
                "linux_bridge": {
                    "physical_interface_mappings": (
                        "{{ 'external:' + setting('external_interface') "
                        "if setting('external_interface') and host in hosts('network') }}"
                    )
                },
                "vxlan": {
                    "enable_vxlan": "true",
                    "local_ip": "{{ host.address }}",
                    "l2_population": "true",
                },
                "securitygroup": {
                    "enable_security_group": "true",
                    "firewall_driver": "iptables",
                    "enable_ipset": "true",
                },
            },
        ),
        File(
            path="/etc/neutron/plugins/ml2/openvswitch_agent.ini",
            where={"network_agent": "openvswitch"},
            sections={
                "ovs": {
                    "local_ip": "{{ host.address }}",
                    "datapath_type": "{{ setting('ovs_datapath_type') }}",
                    "bridge_mappings": (
                        f"{{{{ 'external:{EXTERNAL_BRIDGE}' "
                        "if setting('external_interface') and host in hosts('network') }}"
                    ),
                },
                "agent": {"tunnel_types": "vxlan", "l2_population": "true"},
                "securitygroup": {"enable_security_group": "true", "firewall_driver": "openvswitch"},
            },
        ),
        File(
            path="/etc/neutron/dhcp_agent.ini",
            roles=("network",),
            sections={
                "DEFAULT": {
                    "interface_driver": "{{ setting('network_agent') }}",
                    "dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq",
                    "enable_isolated_metadata": "true",
                }
            },
        ),
        File(
            path="/etc/neutron/l3_agent.ini",
            roles=("network",),
            sections={"DEFAULT": {"interface_driver": "{{ setting('network_agent') }}"}},
        ),
        File(
            path="/etc/neutron/metadata_agent.ini",
            owner="root:neutron",
            mode=0o640,
            roles=("network",),
            sections={
                "DEFAULT": {
                    "nova_metadata_host": "{{ vip('nova') }}",
                    "nova_metadata_protocol": "{{ 'https' if setting('tls') == 'yes' else 'http' }}",
                    "metadata_proxy_shared_secret": "{{ secret('metadata') }}",
                    "metadata_workers": "{{ setting('workers') }}",
                },
                "cache": cache(),
            },
        ),
    ),
    directories={"/var/lib/neutron/tmp": "neutron:neutron"},
)
