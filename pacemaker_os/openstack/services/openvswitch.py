"""Open vSwitch: the bridges of network and compute nodes, where Neutron's agent plugs ports into those.

systemd runs it: a node's own network may go through it, and it must be there before the cluster is, and
after it.
"""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import Job, Service

OPENVSWITCH = {"network_agent": "openvswitch"}

#: A name, where ports are plugged into bridges of Open vSwitch.
_CHOSEN = "{{{{ '{}' if setting('network_agent') == 'openvswitch' }}}}"

NAMES = DistroNames(debian=(_CHOSEN.format("openvswitch-switch"),), redhat=(_CHOSEN.format("openvswitch"),))

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
            name="the external bridge",
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
