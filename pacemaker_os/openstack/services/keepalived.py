"""keepalived: virtual IP addresses on two front nodes, outside of the cluster."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Service

CONFIGURATION = """\
global_defs {
    router_id {{ host.name }}
    enable_script_security
    script_user root
}

vrrp_script haproxy {
    script "/usr/bin/systemctl is-active --quiet haproxy.service"
    interval 2
    fall 2
    rise 2
}

vrrp_instance {{ cloud.name }} {
    interface {{ host.interface }}
    state BACKUP
    nopreempt
    virtual_router_id {{ setting('keepalived_router_id') }}
    priority {{ 150 - hosts('front').index(host) }}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass {{ secret('keepalived')[:8] }}
    }
    unicast_src_ip {{ host.address }}
    unicast_peer {
{% for other in hosts('front') if other != host %}
        {{ other.address }}
{% endfor %}
    }
    virtual_ipaddress {
{% for address in cloud.vips.values() | unique %}
        {{ address }}/{{ cloud.prefix }} dev {{ host.interface }}
{% endfor %}
    }
    track_script {
        haproxy
    }
}
"""

SERVICE = Service(
    name="keepalived",
    title="keepalived (front nodes)",
    needs=("system", "haproxy"),
    readiness_resources=(),
    packages={"front": DistroNames(debian=("keepalived",), redhat=("keepalived",))},
    systemd_units={"front": DistroNames(debian=("keepalived",), redhat=("keepalived",))},
    files=(File(path="/etc/keepalived/keepalived.conf", content=CONFIGURATION, mode=0o640),),
)
