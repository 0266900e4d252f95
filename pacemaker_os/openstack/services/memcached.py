"""memcached: caches of tokens and other data, on every controller."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import Service

SERVICE = Service(
    name="memcached",
    title="memcached (caches)",
    needs=("system",),
    # Services run without their caches.
    readiness_resources=(),
    packages={
        "controller": DistroNames(
            debian=("memcached", "python3-memcache", "python3-pymemcache"),
            redhat=("memcached", "python3-memcached", "python3-pymemcache"),
        )
    },
    masked_units={"controller": DistroNames(debian=("memcached",), redhat=("memcached",))},
    document={
        "resources": {
            "memcached": {
                "agent": "ocf:pacemaker-os:memcached",
                "params": {"address": "{{ host.address }}", "memory": "{{ setting('cache_memory') }}"},
                "operations": {
                    "monitor": {"interval": "10s", "timeout": "20s"},
                    "start": {"timeout": "20s"},
                    "stop": {"timeout": "20s"},
                },
                "clone": {"interleave": True},
            }
        }
    },
)
