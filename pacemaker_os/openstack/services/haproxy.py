"""haproxy: all APIs at virtual IP addresses, on the controllers or on front nodes with keepalived."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, HealthCheck, Service, Unit

CONFIGURATION = """\
global
    log /dev/log local0
    user haproxy
    group haproxy
    maxconn 8000
    stats socket /run/haproxy/admin.sock mode 660 level admin
    localpeer {{ host.name }}

peers own
    peer {{ host.name }} {{ host.address }}:1937

defaults
    log global
    mode http
    option redispatch 1
    option dontlognull
    retries 3
    timeout connect 2s
    timeout client 180s
    timeout server 180s
    timeout queue 60s
    timeout check 30s
    timeout http-request 10s
    default-server check inter 2s fastinter 500ms downinter 1s rise 2 fall 2
    default-server observe layer4 error-limit 3 on-error mark-down on-marked-down shutdown-sessions

listen health
    bind 127.0.0.1:1936
    monitor-uri /healthy

listen stats
    bind {{ host.address }}:1080
    stats enable
    stats uri /
    stats auth admin:{{ secret('haproxy-stats') }}
    stats refresh 30s
    stats show-node
    stats show-legends
    stats hide-version

{{ listeners() }}"""

SERVICE = Service(
    name="haproxy",
    title="haproxy and virtual IP addresses",
    needs=("system",),
    readiness_resources=(
        "{% for name in cloud.vips %}vip{{ '' if name == 'default' else '-' + name }}\n{% endfor %}",
    ),
    packages={"front": DistroNames(debian=("haproxy",), redhat=("haproxy",))},
    units=(
        Unit(
            resource="lb-haproxy",
            unit=DistroNames(debian=("haproxy",), redhat=("haproxy",)),
            roles=("front",),
            health=HealthCheck(url="http://127.0.0.1:1936/healthy"),
        ),
    ),
    files=(File(path="/etc/haproxy/haproxy.cfg", content=CONFIGURATION, mode=0o640, roles=("front",)),),
)
