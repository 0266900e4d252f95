"""Open vSwitch: the bridges of network and compute nodes, for Neutron's openvswitch agent.

systemd manages it: the network of the node itself may depend on it, so it must run whenever the node does.
"""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import Job, Service

OPENVSWITCH = {"network_agent": "openvswitch"}

#: A name that applies only with Neutron's openvswitch agent.
_WITH_AGENT = "{{{{ '{}' if setting('network_agent') == 'openvswitch' }}}}"

NAMES = DistroNames(
    debian=(_WITH_AGENT.format("openvswitch-switch"),), redhat=(_WITH_AGENT.format("openvswitch"),)
)

ROLES = ("network", "compute")

#: The bridge to the external network.
EXTERNAL_BRIDGE = "br-ex"

SERVICE = Service(
    name="openvswitch",
    title="Open vSwitch (bridges)",
    needs=("system",),
    readiness_resources=(),
    packages=dict.fromkeys(ROLES, NAMES),
    systemd_units=dict.fromkeys(ROLES, NAMES),
    jobs=(
        Job(
            name="external bridge",
            argv=(
                *("ovs-vsctl", "--timeout=60", "--may-exist", "add-br", EXTERNAL_BRIDGE),
                *("--", "set", "bridge", EXTERNAL_BRIDGE, "datapath_type={{ setting('ovs_datapath_type') }}"),
                *("--", "--may-exist", "add-port", EXTERNAL_BRIDGE, "{{ setting('external_interface') }}"),
            ),
            roles=("network",),
            on_every_host=True,
            where={**OPENVSWITCH, "external_interface": "*"},
        ),
    ),
)
