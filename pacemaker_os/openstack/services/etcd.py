"""etcd: a consistent key-value store for services that need one."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import Service

SERVICE = Service(
    name="etcd",
    title="etcd (key-value store)",
    needs=("system",),
    readiness_resources=("etcd",),
    packages={"controller": DistroNames(debian=("etcd-server", "etcd-client"), redhat=("etcd",))},
    masked_units={"controller": DistroNames(debian=("etcd",), redhat=("etcd",))},
    document={
        "resources": {
            "etcd": {
                "agent": "ocf:pacemaker-os:etcd",
                "params": {
                    "addresses": (
                        "{% for host in hosts('controller') %}{{ host.name }}:{{ host.address }}"
                        "{{ '' if loop.last else ' ' }}{% endfor %}"
                    ),
                    "token": "{{ cloud.name }}",
                },
                "operations": {
                    "monitor": {"interval": "10s", "timeout": "30s"},
                    "start": {"timeout": "120s"},
                    "stop": {"timeout": "60s"},
                },
                "clone": {"interleave": True},
            }
        }
    },
)
