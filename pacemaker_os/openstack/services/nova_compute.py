"""Nova's compute nodes. They are remote nodes: Pacemaker starts, monitors and fences them."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import compute_host_discovery, libvirt_ceph_secret
from pacemaker_os.openstack.parts.packages import DMI, NFS_CLIENT
from pacemaker_os.openstack.service import File, HealthCheck, Job, Mount, Service, Unit
from pacemaker_os.openstack.services.nova import COMMON

LIBVIRT = {"compute_driver": "libvirt.LibvirtDriver"}

LIBVIRT_SOCKETS = ("libvirtd.socket", "libvirtd-ro.socket", "libvirtd-admin.socket")

#: Packages with which guests access volumes in Ceph.
ON_CEPH = "{{{{ '{}' if setting('volume_backend') == 'rbd' }}}}"
CEPH = {
    "debian": (ON_CEPH.format("ceph-common"), ON_CEPH.format("qemu-block-extra")),
    "redhat": (ON_CEPH.format("ceph-common"), ON_CEPH.format("qemu-kvm-block-rbd")),
}

SERVICE = Service(
    name="nova-compute",
    title="Nova on compute nodes",
    needs=("nova", "neutron-agents"),
    readiness_resources=("nova-compute",),
    packages={
        "compute": DistroNames(
            debian=("nova-compute", DMI, *CEPH["debian"]),
            redhat=("openstack-nova-compute", DMI, *CEPH["redhat"]),
        ),
    },
    # With socket activation, a client would start libvirtd after Pacemaker stopped it.
    masked_units={"compute": DistroNames(debian=LIBVIRT_SOCKETS, redhat=LIBVIRT_SOCKETS)},
    mounts=(
        Mount(
            resource="nova-instances",
            setting="instances_nfs_export",
            directory="/var/lib/nova/instances",
            packages=NFS_CLIENT,
            roles=("compute",),
        ),
    ),
    units=(
        Unit(
            resource="libvirtd",
            unit=DistroNames(debian=("libvirtd",), redhat=("libvirtd",)),
            roles=("compute",),
            where=LIBVIRT,
            waits_for_dependencies=False,
        ),
        Unit(
            resource="nova-compute",
            unit=DistroNames(debian=("nova-compute",), redhat=("openstack-nova-compute",)),
            roles=("compute",),
            after=("nova-conductor",),
            colocated_with=("libvirtd",),
            health=HealthCheck(bus=True),
            # With instance-ha, nova-compute does not start while the node is being evacuated.
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
                    # Instances that were not evacuated start again when their node is back. By default, Nova
                    # treats them as stopped by their owner.
                    "resume_guests_state_on_host_boot": "true",
                },
                "libvirt": {"virt_type": "{{ setting('virt_type') }}"},
                "nova_sys_admin": {"capabilities": "{{ setting('privsep_capabilities') }}"},
                "vnc": {
                    "enabled": "true",
                    "server_listen": "{{ host.address }}",
                    "server_proxyclient_address": "{{ host.address }}",
                    "novncproxy_base_url": "{{ url('nova', 6080) }}/vnc_auto.html",
                },
            },
        ),
        # Only nova-compute starts instances, because it knows which of them were evacuated.
        File(
            path="{{ family.unit_variables }}/libvirt-guests",
            content="ON_BOOT=ignore\nON_SHUTDOWN=shutdown\n",
            where=LIBVIRT,
        ),
        # By default, libvirtd exits after two minutes without guests and clients, and would count as failed.
        File(
            path="{{ family.unit_variables }}/libvirtd",
            content='LIBVIRTD_ARGS=""\n',
            where=LIBVIRT,
        ),
        # Overrides nova.conf; the packaged file sets the driver.
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
        *libvirt_ceph_secret.FILES,
        *compute_host_discovery.FILES,
    ),
    directories={"/var/lib/nova/tmp": "nova:nova"},
    jobs=(libvirt_ceph_secret.JOB, compute_host_discovery.JOB),
    verify=(Job(name="hypervisors", argv=("openstack", "hypervisor", "list")),),
)
