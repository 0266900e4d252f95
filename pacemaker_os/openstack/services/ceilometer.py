"""Ceilometer: measures of what the cloud does, sent to Gnocchi."""

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

#: Where events go: what they end in Gnocchi, and alarms on them. As packaged they go to a queue that nobody
#: reads, which grows for ever.
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

#: The agent of compute nodes asks libvirt; with another driver there is nothing to ask.
ON_LIBVIRT = "{{{{ '{}' if setting('compute_driver') == 'libvirt.LibvirtDriver' }}}}"

#: The agents of the controllers share the work among them. A compute node's agent looks after its own
#: instances alone; it has no client of Redis, and would not start with the address of one.
SHARED_WORK = f"{{% if host in hosts('controller') %}}{COORDINATION}{{% endif +%}}"

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
                "coordination": {"backend_url": SHARED_WORK},
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
            name="ceilometer's kinds of resources in gnocchi",
            argv=("ceilometer-upgrade",),
            user="ceilometer",
            retry_timeout=180,
        ),
    ),
    verify=(Job(name="resources with measures", argv=("openstack", "metric", "resource", "list")),),
)
