"""Nova's compute nodes: remote nodes of the cluster, so that Pacemaker starts, watches and fences them."""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Health, Job, Mount, Names, Service, Unit
from pacemaker_os.openstack.services.nova import COMMON

SERVICE = Service(
    name="nova-compute",
    title="Nova on compute nodes",
    needs=("nova", "neutron-agents"),
    gates=("nova-compute",),
    packages={
        "compute": Names(debian=("nova-compute",), redhat=("openstack-nova-compute",)),
    },
    mounts=(
        Mount(
            resource="nova-instances",
            setting="instances_share",
            folder="/var/lib/nova/instances",
            roles=("compute",),
        ),
    ),
    units=(
        Unit(
            resource="libvirtd",
            unit=Names(debian=("libvirtd",), redhat=("libvirtd",)),
            roles=("compute",),
            where={"compute_driver": "libvirt.LibvirtDriver"},
            waits=False,
        ),
        Unit(
            resource="nova-compute",
            unit=Names(debian=("nova-compute",), redhat=("openstack-nova-compute",)),
            roles=("compute",),
            after=("nova-conductor",),
            beside=("libvirtd",),
            health=Health(bus=True),
            # Kept away while the instances of its node are brought to life elsewhere.
            agent="{{ 'nova-compute' if has('instance-ha') else 'openstack-service' }}",
            start_timeout=300,
        ),
    ),
    files=(
        File(
            path="/etc/nova/nova.conf",
            owner="root:nova",
            mode=0o640,
            sections={
                **COMMON,
                "DEFAULT": {
                    **COMMON["DEFAULT"],
                    "instance_usage_audit": "{{ 'true' if has('ceilometer') }}",
                    "instance_usage_audit_period": "{{ 'hour' if has('ceilometer') }}",
                },
                "libvirt": {"virt_type": "{{ setting('virt_type') }}"},
                "vnc": {
                    "enabled": "true",
                    "server_listen": "{{ host.address }}",
                    "server_proxyclient_address": "{{ host.address }}",
                    "novncproxy_base_url": "{{ url('nova', 6080) }}/vnc_auto.html",
                },
            },
        ),
        # Read after nova.conf; as packaged it chooses the driver.
        File(
            path="/etc/nova/nova-compute.conf",
            owner="root:nova",
            mode=0o640,
            sections={
                "DEFAULT": {"compute_driver": "{{ setting('compute_driver') }}"},
                "libvirt": {"virt_type": "{{ setting('virt_type') }}"},
            },
            families=("debian", "ubuntu"),
        ),
    ),
    folders={"/var/lib/nova/tmp": "nova:nova"},
    jobs=(
        Job(
            name="hosts into the cell",
            argv=("nova-manage", "cell_v2", "discover_hosts", "--by-service"),
            user="nova",
            when="finish",
        ),
    ),
    verify=(Job(name="hypervisors", argv=("openstack", "hypervisor", "list")),),
)
