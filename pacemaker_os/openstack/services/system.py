"""Kernel settings of all hosts, and the OpenStack client."""

from __future__ import annotations

from pacemaker_os.openstack.cloud import ROLES
from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Job, Service

#: haproxy can bind virtual IP addresses that another host holds. Connections of the message bus to a failed
#: host time out after ten seconds instead of two hours.
KERNEL = """\
net.ipv4.ip_nonlocal_bind = 1
net.ipv4.tcp_keepalive_time = 5
net.ipv4.tcp_keepalive_intvl = 1
net.ipv4.tcp_keepalive_probes = 5
net.ipv4.ip_forward = 1
"""

SERVICE = Service(
    name="system",
    title="Kernel settings and OpenStack client",
    readiness_resources=(),
    packages={
        "controller": DistroNames(debian=("python3-openstackclient",), redhat=("python3-openstackclient",))
    },
    files=(File(path="/etc/sysctl.d/60-openstack.conf", content=KERNEL, roles=ROLES),),
    jobs=(
        Job(
            name="kernel settings",
            argv=("sysctl", "-q", "-p", "/etc/sysctl.d/60-openstack.conf"),
            roles=ROLES,
            on_every_host=True,
        ),
    ),
)
