"""Glance: images."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.packages import NFS_CLIENT
from pacemaker_os.openstack.parts.sections import TRANSPORT, authtoken, database, notifications, proxy_headers
from pacemaker_os.openstack.service import (
    Database,
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Mount,
    Service,
    Unit,
    User,
)

#: Uploads and downloads of images can take hours.
TIMEOUTS = ("timeout client 3h", "timeout server 3h")

#: A package that only images in Ceph need.
ON_CEPH = "{{{{ '{}' if setting('image_store') == 'rbd' }}}}"

SERVICE = Service(
    name="glance",
    title="Glance (images)",
    needs=("keystone",),
    packages={
        "controller": DistroNames(
            debian=("glance-api", "python3-swiftclient", ON_CEPH.format("python3-rbd")),
            redhat=("openstack-glance", "python3-swiftclient", ON_CEPH.format("python3-rbd")),
        )
    },
    units=(
        Unit(
            resource="glance-api",
            unit=DistroNames(debian=("glance-api",), redhat=("openstack-glance-api",)),
            health=HealthCheck(url="http://{{ host.address }}:9292/healthcheck"),
        ),
    ),
    mounts=(
        Mount(
            resource="glance-images",
            setting="image_nfs_export",
            directory="/var/lib/glance/images",
            packages=NFS_CLIENT,
        ),
    ),
    files=(
        File(
            path="/etc/glance/glance-api.conf",
            owner="root:glance",
            mode=0o640,
            sections={
                "DEFAULT": {
                    **TRANSPORT,
                    "bind_host": "{{ host.address }}",
                    "workers": "{{ setting('workers') }}",
                },
                "database": database("glance"),
                "paste_deploy": {"flavor": "keystone"},
                "glance_store": {
                    "stores": "{{ ['file', 'http', setting('image_store')] | unique | join(',') }}",
                    "default_store": "{{ setting('image_store') }}",
                    "filesystem_store_datadir": "/var/lib/glance/images/",
                    "default_swift_reference": "{{ 'cloud' if setting('image_store') == 'swift' }}",
                    "swift_store_config_file": (
                        "{{ '/etc/glance/swift-store.conf' if setting('image_store') == 'swift' }}"
                    ),
                    "swift_store_create_container_on_put": (
                        "{{ 'true' if setting('image_store') == 'swift' }}"
                    ),
                    "rbd_store_pool": "{{ 'images' if setting('image_store') == 'rbd' }}",
                    "rbd_store_user": "{{ 'glance' if setting('image_store') == 'rbd' }}",
                },
                **authtoken("glance"),
                **proxy_headers(),
                **notifications(),
            },
        ),
        File(
            path="/etc/glance/swift-store.conf",
            owner="root:glance",
            mode=0o640,
            where={"image_store": "swift"},
            sections={
                "cloud": {
                    "user": "service:glance",
                    "key": "{{ secret('glance') }}",
                    "auth_address": "{{ url('keystone', 5000) }}/v3",
                    "auth_version": "3",
                    "user_domain_id": "default",
                    "project_domain_id": "default",
                }
            },
        ),
    ),
    databases=(Database(name="glance", user="glance"),),
    users=(User(name="glance"),),
    endpoints=(Endpoint(service="glance", type="image", port=9292),),
    listeners=(
        # Images in files exist on one controller only, so all clients use that one. With an NFS export, all
        # controllers share the directory.
        Listener(
            name="glance",
            port=9292,
            options=TIMEOUTS,
            check="/healthcheck",
            balance="first",
            where={"image_store": "file"},
        ),
        Listener(
            name="glance",
            port=9292,
            options=TIMEOUTS,
            check="/healthcheck",
            where={"image_store": "swift|rbd"},
        ),
    ),
    jobs=(Job(name="glance database schema", argv=("glance-manage", "db_sync"), user="glance"),),
    verify=(Job(name="images", argv=("openstack", "image", "list")),),
)
