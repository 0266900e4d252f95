"""MongoDB: the storage of telemetry before Gnocchi, for clouds that provide its packages."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Service

CONFIGURATION = """\
storage:
  dbPath: /var/lib/mongodb
systemLog:
  destination: file
  path: /var/log/mongodb/mongod.log
  logAppend: true
net:
  bindIp: 127.0.0.1,{{ host.address }}
  port: 27017
replication:
  replSetName: openstack
"""

SERVICE = Service(
    name="mongodb",
    title="MongoDB",
    needs=("system",),
    readiness_resources=("mongodb",),
    packages={"controller": DistroNames(debian=("mongodb-org",), redhat=("mongodb-org",))},
    masked_units={"controller": DistroNames(debian=("mongod",), redhat=("mongod",))},
    files=(File(path="/etc/mongod.conf", content=CONFIGURATION),),
    document={
        "resources": {
            "mongodb": {
                "agent": "ocf:pacemaker-os:mongodb",
                "params": {
                    "addresses": (
                        "{% for host in hosts('controller') %}{{ host.name }}:{{ host.address }}"
                        "{{ '' if loop.last else ' ' }}{% endfor %}"
                    )
                },
                "operations": {
                    "monitor": {"interval": "10s", "timeout": "30s"},
                    "start": {"timeout": "120s"},
                    "stop": {"timeout": "120s"},
                    "notify": {"timeout": "20s"},
                },
                "clone": {"notify": True, "interleave": True},
            }
        }
    },
    unavailable={
        "debian": "Debian 12 and 13 have no MongoDB packages; use Gnocchi for metrics (service gnocchi)",
        "ubuntu": "Ubuntu has had no MongoDB packages since 22.04; use Gnocchi for metrics (service gnocchi)",
        "redhat": "CentOS Stream 9 has no MongoDB packages; use Gnocchi for metrics (service gnocchi)",
    },
)
