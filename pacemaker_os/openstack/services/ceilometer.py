"""Ceilometer: telemetry of the cloud, published to Gnocchi."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.sections import COORDINATION, TRANSPORT, auth, bus, locks
from pacemaker_os.openstack.service import File, HealthCheck, Job, Service, Unit, User

POLLING = """\
---
sources:
  - name: volumes-and-images
    interval: 300
    meters: [image.size, volume.size, volume.snapshot.size, volume.backup.size]
  - name: instances
    interval: 300
    meters: [cpu, memory.usage, "disk.device.*", "network.*.bytes", "network.*.packets"]
"""

#: Publishes events to Gnocchi and Aodh. The packaged pipeline publishes them to a queue without a consumer,
#: which grows without limit.
EVENTS = """\
---
sources:
  - name: events
    events: ["*"]
    sinks: [events]
sinks:
  - name: events
    publishers:
      - gnocchi://
{% if has('aodh') %}
      - notifier://?topic=alarm.all
{% endif %}
"""

#: The agent on compute nodes polls libvirt, so other compute drivers do not need it.
ON_LIBVIRT = "{{{{ '{}' if setting('compute_driver') == 'libvirt.LibvirtDriver' }}}}"

#: The agents of the controllers coordinate through Redis. The agent of a compute node polls the instances of
#: its own node only; it has no Redis client and does not start with a Redis URL.
COORDINATED = f"{{% if host in hosts('controller') %}}{COORDINATION}{{% endif +%}}"

SERVICE = Service(
    name="ceilometer",
    title="Ceilometer (telemetry)",
    needs=("gnocchi",),
    packages={
        "controller": DistroNames(
            debian=("ceilometer-agent-central", "ceilometer-agent-notification"),
            redhat=("openstack-ceilometer-central", "openstack-ceilometer-notification"),
        ),
        "compute": DistroNames(
            debian=(ON_LIBVIRT.format("ceilometer-agent-compute"),),
            redhat=(ON_LIBVIRT.format("openstack-ceilometer-compute"),),
        ),
    },
    units=(
        Unit(
            resource="ceilometer-notification",
            unit=DistroNames(
                debian=("ceilometer-agent-notification",), redhat=("openstack-ceilometer-notification",)
            ),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="ceilometer-central",
            unit=DistroNames(debian=("ceilometer-agent-central",), redhat=("openstack-ceilometer-central",)),
        ),
        Unit(
            resource="ceilometer-compute",
            unit=DistroNames(debian=("ceilometer-agent-compute",), redhat=("openstack-ceilometer-compute",)),
            roles=("compute",),
            where={"compute_driver": "libvirt.LibvirtDriver"},
            colocated_with=("libvirtd",),
        ),
    ),
    files=(
        File(
            path="/etc/ceilometer/ceilometer.conf",
            owner="root:ceilometer",
            mode=0o640,
            sections={
                "DEFAULT": TRANSPORT,
                "notification": {"workers": "{{ setting('workers') }}"},
                "coordination": {"backend_url": COORDINATED},
                "service_credentials": {**auth("ceilometer"), "interface": "public"},
                **locks("ceilometer"),
                **bus(),
            },
        ),
        File(path="/etc/ceilometer/polling.yaml", content=POLLING),
        File(path="/etc/ceilometer/event_pipeline.yaml", content=EVENTS, roles=("controller",)),
    ),
    directories={"/var/lib/ceilometer/tmp": "ceilometer:ceilometer"},
    users=(User(name="ceilometer", roles=("admin", "ResellerAdmin")),),
    roles=("ResellerAdmin",),
    jobs=(
        Job(
            name="Gnocchi resource types",
            argv=("ceilometer-upgrade",),
            user="ceilometer",
            retry_timeout=180,
        ),
    ),
    verify=(Job(name="metric resources", argv=("openstack", "metric", "resource", "list")),),
)
