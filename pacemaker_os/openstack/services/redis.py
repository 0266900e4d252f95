"""Redis: coordination and incoming measures of telemetry, with one master and replicas."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Listener, Service

CONFIGURATION = """\
bind {{ host.address }} 127.0.0.1
port 6379
protected-mode yes
requirepass {{ secret('redis') }}
masterauth {{ secret('redis') }}
dir /var/lib/redis
appendonly yes
logfile /var/log/redis/redis-server.log
pidfile /run/redis/redis-server.pid
"""

SERVICE = Service(
    name="redis",
    title="Redis (coordination and measures)",
    needs=("system",),
    readiness_resources=("promote redis",),
    packages={"controller": DistroNames(debian=("redis-server",), redhat=("redis",))},
    masked_units={"controller": DistroNames(debian=("redis-server",), redhat=("redis",))},
    files=(File(path="/etc/redis/redis.conf", content=CONFIGURATION, owner="redis:redis", mode=0o640),),
    # The health check succeeds on the master only.
    listeners=(
        Listener(
            name="redis",
            port=6379,
            mode="tcp",
            options=(
                "timeout client 1h",
                "timeout server 1h",
                "timeout check 2s",
                "option tcp-check",
                "tcp-check connect",
                "tcp-check send AUTH\\ {{ secret('redis') }}\\r\\n",
                "tcp-check expect string +OK",
                # QUIT makes the server close the connection, so the check fails immediately on a replica.
                "tcp-check send info\\ replication\\r\\nQUIT\\r\\n",
                "tcp-check expect string role:master",
                # Without a master, rejected clients would reconnect hundreds of times a second.
                "tcp-request inspect-delay 1s",
                "tcp-request content accept if { nbsrv gt 0 }",
                "tcp-request content reject if WAIT_END",
            ),
        ),
    ),
    document={
        "resources": {
            "redis": {
                "agent": "ocf:pacemaker-os:redis",
                "params": {
                    "addresses": (
                        "{% for host in hosts('controller') %}{{ host.name }}:{{ host.address }}"
                        "{{ '' if loop.last else ' ' }}{% endfor %}"
                    )
                },
                "operations": {
                    "monitor": [
                        {"interval": "10s", "role": "Promoted", "timeout": "30s"},
                        {"interval": "11s", "role": "Unpromoted", "timeout": "30s"},
                    ],
                    "start": {"timeout": "120s"},
                    "stop": {"timeout": "120s"},
                    "promote": {"timeout": "60s"},
                    "demote": {"timeout": "30s"},
                    "notify": {"timeout": "20s"},
                },
                "promotable": {"notify": True, "interleave": True},
                # Clients need the master; of the database and the broker, every node has an instance.
                "meta": {"priority": 50},
            }
        }
    },
)
