"""chrony: time synchronization. systemd manages it, because it must run before the cluster."""

from __future__ import annotations

from pacemaker_os.openstack.cloud import ROLES
from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Job, Service

CONFIGURATION = """\
{% if host in hosts('controller') %}
{% for server in setting('ntp_servers').split() %}
{{ 'pool' if 'pool' in server else 'server' }} {{ server }} iburst
{% endfor %}
{% for other in hosts('controller') if other != host %}
peer {{ other.address }}
{% endfor %}
allow
local stratum 10 orphan
{% else %}
{% for server in hosts('controller') %}
server {{ server.address }} iburst
{% endfor %}
{% endif %}
driftfile /var/lib/chrony/drift
makestep 1.0 3
rtcsync
"""

NAMES = DistroNames(debian=("chrony",), redhat=("chrony",))

SERVICE = Service(
    name="chrony",
    title="chrony (time synchronization)",
    needs=("system",),
    readiness_resources=(),
    packages=dict.fromkeys(ROLES, NAMES),
    systemd_units=dict.fromkeys(ROLES, DistroNames(debian=("chrony",), redhat=("chronyd",))),
    files=(
        File(path="/etc/chrony/chrony.conf", content=CONFIGURATION, families=("debian", "ubuntu")),
        File(path="/etc/chrony.conf", content=CONFIGURATION, families=("redhat",)),
    ),
    verify=(Job(name="time synchronization", argv=("chronyc", "tracking")),),
)
