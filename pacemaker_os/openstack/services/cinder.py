"""Cinder: volumes."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import libvirt_ceph_secret
from pacemaker_os.openstack.parts.api_servers import uwsgi, wsgi_site
from pacemaker_os.openstack.parts.packages import DMI
from pacemaker_os.openstack.parts.sections import (
    TRANSPORT,
    auth,
    authtoken,
    bus,
    chosen,
    database,
    locks,
    login,
    proxy_headers,
)
from pacemaker_os.openstack.service import (
    Database,
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Service,
    Unit,
    User,
)

#: cinder-volume has the same host name on every controller, so volumes do not belong to a controller.
BACKEND = {"volume_backend_name": "{{ setting('volume_backend') }}", "backend_host": "{{ cloud.name }}"}

BACKENDS = {
    "nfs": {
        **BACKEND,
        "volume_driver": "cinder.volume.drivers.nfs.NfsDriver",
        "nfs_shares_config": "/etc/cinder/nfs_shares",
        "nfs_mount_point_base": "/var/lib/cinder/mnt",
        "nfs_snapshot_support": "true",
        "nas_secure_file_operations": "false",
        "nas_secure_file_permissions": "false",
    },
    "rbd": {
        **BACKEND,
        "volume_driver": "cinder.volume.drivers.rbd.RBDDriver",
        "rbd_pool": "volumes",
        "rbd_user": "cinder",
        "rbd_ceph_conf": "/etc/ceph/ceph.conf",
        "rbd_secret_uuid": libvirt_ceph_secret.UUID,
    },
    "lvm": {
        "volume_backend_name": "lvm",
        "volume_driver": "cinder.volume.drivers.lvm.LVMVolumeDriver",
        "volume_group": "cinder-volumes",
        "target_helper": "{{ by_family(debian='tgtadm', redhat='lioadm') }}",
        "target_ip_address": "{{ host.address }}",
    },
}

#: A package that only LVM or Ceph volumes need.
ON_LVM = "{{{{ '{}' if setting('volume_backend') == 'lvm' }}}}"
ON_CEPH = "{{{{ '{}' if setting('volume_backend') == 'rbd' }}}}"

SERVICE = Service(
    name="cinder",
    title="Cinder (volumes)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=(
                *("cinder-api", "cinder-scheduler", "cinder-volume", "cinder-backup", "nfs-common", DMI),
                *(ON_LVM.format("tgt"), ON_CEPH.format("ceph-common"), ON_CEPH.format("python3-rbd")),
            ),
            redhat=(
                *("openstack-cinder", "httpd", "python3-mod_wsgi", "nfs-utils", DMI),
                *(ON_LVM.format("targetcli"), ON_CEPH.format("ceph-common"), ON_CEPH.format("python3-rbd")),
            ),
        )
    },
    units=(
        Unit(
            resource="cinder-api",
            unit=DistroNames(debian=("cinder-api",), redhat=("openstack-cinder-api",), ubuntu=("apache2",)),
            health=HealthCheck(url="http://{{ loopback }}:8776/healthcheck"),
        ),
        Unit(
            resource="cinder-scheduler",
            unit=DistroNames(debian=("cinder-scheduler",), redhat=("openstack-cinder-scheduler",)),
            health=HealthCheck(bus=True),
        ),
        # Instances access LVM volumes over iSCSI.
        Unit(
            resource="cinder-targets",
            unit=DistroNames(debian=("tgt",), redhat=("target",)),
            where={"volume_backend": "lvm"},
            waits_for_dependencies=False,
        ),
        # A single instance, because the drivers do not support active/active. With the host name above, any
        # controller can take over.
        Unit(
            resource="cinder-volume",
            unit=DistroNames(debian=("cinder-volume",), redhat=("openstack-cinder-volume",)),
            single=True,
            colocated_with=("cinder-targets",),
            health=HealthCheck(bus=True),
        ),
        Unit(
            resource="cinder-backup",
            unit=DistroNames(debian=("cinder-backup",), redhat=("openstack-cinder-backup",)),
            health=HealthCheck(bus=True),
        ),
    ),
    files=(
        File(
            path="/etc/cinder/cinder.conf",
            owner="root:cinder",
            mode=0o640,
            sections={
                "DEFAULT": {
                    **TRANSPORT,
                    "my_ip": "{{ host.address }}",
                    "osapi_volume_listen": "{{ host.address }}",
                    "osapi_volume_workers": "{{ setting('workers') }}",
                    "auth_strategy": "keystone",
                    "glance_api_servers": "{{ url('glance', 9292) }}",
                    "enabled_backends": "{{ setting('volume_backend') }}",
                    "default_volume_type": "__DEFAULT__",
                    "rootwrap_config": "/etc/cinder/rootwrap.conf",
                    "backup_workers": "{{ setting('workers') }}",
                    "backup_driver": (
                        "cinder.backup.drivers."
                        "{{ 'swift.SwiftBackupDriver' if has('swift') else 'posix.PosixBackupDriver' }}"
                    ),
                    "backup_posix_path": "{{ '' if has('swift') else '/var/lib/cinder/backup' }}",
                },
                **{name: chosen("volume_backend", name, keys) for name, keys in BACKENDS.items()},
                "database": database("cinder"),
                "nova": auth("nova"),
                "service_user": {"send_service_user_token": "true", **login("cinder")},
                **authtoken("cinder"),
                **locks("cinder"),
                **proxy_headers(),
                # Without notifications: in Zed, each notification makes the creation of a volume fail.
                **bus(),
            },
        ),
        File(
            path="/etc/cinder/nfs_shares",
            content="{{ setting('volume_nfs_export') }}\n",
            owner="root:cinder",
            mode=0o640,
            where={"volume_backend": "nfs"},
        ),
        *uwsgi("cinder-api", "/etc/cinder/cinder-api-uwsgi.ini", 8776),
        *wsgi_site("cinder-wsgi", "/usr/bin/cinder-wsgi", 8776, user="cinder", families=("ubuntu",)),
    ),
    directories={"/var/lib/cinder/tmp": "cinder:cinder", "/var/lib/cinder/backup": "cinder:cinder"},
    databases=(Database(name="cinder", user="cinder"),),
    users=(User(name="cinder"),),
    endpoints=(Endpoint(service="cinderv3", type="volumev3", port=8776, path="/v3/%(project_id)s"),),
    listeners=(Listener(name="cinder", port=8776, check="/healthcheck"),),
    jobs=(Job(name="cinder database schema", argv=("cinder-manage", "db", "sync"), user="cinder"),),
    verify=(Job(name="volume services", argv=("openstack", "volume", "service", "list")),),
)
