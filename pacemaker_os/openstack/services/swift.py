"""Swift: object storage with up to three replicas, on different storage nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts.sections import auth
from pacemaker_os.openstack.service import (
    Endpoint,
    File,
    HealthCheck,
    Job,
    Listener,
    Sections,
    Service,
    Shared,
    Unit,
    User,
)

ROLES = ("controller", "storage")

#: The rings and their builder files, identical on all hosts. Configuration in /etc/swift differs by host.
RINGS = "/etc/swift/rings"

#: Options that limit the load of a daemon: its concurrency or, if it is sequential, its interval in seconds.
SEQUENTIAL = {"concurrency": "1"}
HALF_HOURLY = {"interval": "1800"}

#: The three servers of a storage node, with their ports and the daemons that maintain their data.
SERVERS: Mapping[str, tuple[int, Sections]] = {
    "account": (6202, {"auditor": HALF_HOURLY, "reaper": SEQUENTIAL, "replicator": SEQUENTIAL}),
    "container": (6201, {"auditor": HALF_HOURLY, "replicator": SEQUENTIAL, "updater": SEQUENTIAL}),
    "object": (6200, {"auditor": SEQUENTIAL, "replicator": SEQUENTIAL, "updater": SEQUENTIAL}),
}

PIPELINE = (
    "catch_errors gatekeeper healthcheck proxy-logging cache listing_formats container_sync bulk tempurl "
    "ratelimit authtoken keystoneauth copy container-quotas account-quotas slo dlo versioned_writes symlink "
    "proxy-logging proxy-server"
)

#: Filters of the pipeline, with their entry points.
FILTERS = {
    **{
        name: name
        for name in (
            *("healthcheck", "ratelimit", "catch_errors", "tempurl", "bulk", "slo", "dlo", "gatekeeper"),
            *("container_sync", "copy", "listing_formats", "symlink", "versioned_writes"),
        )
    },
    "proxy-logging": "proxy_logging",
    "container-quotas": "container_quotas",
    "account-quotas": "account_quotas",
}

RSYNC = """\
uid = swift
gid = swift
address = {{ host.address }}
log file = /var/log/rsyncd.log
pid file = /run/rsyncd.pid
# An unavailable name server would delay every transfer.
reverse lookup = no
{% for name in ('account', 'container', 'object') %}

[{{ name }}]
path = /srv/node
read only = false
max connections = 8
lock file = /run/lock/swift-{{ name }}.lock
{% endfor %}
"""


#: The arguments of `swift-ring-builder add`: each device with its weight.
DEVICES = """\
{% for storage in hosts('storage') %}
r1z{{ loop.index }}-{{ storage.address }}:PORT/{{ setting('swift_device') }}
100
{% endfor %}
"""


def server_sections(name: str, port: int, daemons: Sections) -> Sections:
    """Return the configuration of one server of a storage node and its daemons."""
    return {
        "DEFAULT": {
            "bind_ip": "{{ host.address }}",
            "bind_port": str(port),
            "workers": "{{ setting('workers') }}",
            "user": "swift",
            "devices": "/srv/node",
            "mount_check": "{{ setting('mount_check') }}",
        },
        "pipeline:main": {"pipeline": f"healthcheck recon {name}-server"},
        f"app:{name}-server": {"use": f"egg:swift#{name}"},
        "filter:healthcheck": {"use": "egg:swift#healthcheck"},
        "filter:recon": {"use": "egg:swift#recon", "recon_cache_path": "/var/cache/swift"},
        **{f"{name}-{daemon}": keys for daemon, keys in daemons.items()},
    }


def storage_units() -> Iterator[Unit]:
    """Yield the units of a storage node."""
    for name, (port, daemons) in SERVERS.items():
        yield Unit(
            resource=f"swift-{name}",
            unit=DistroNames(debian=(f"swift-{name}",), redhat=(f"openstack-swift-{name}",)),
            roles=("storage",),
            health=HealthCheck(url=f"http://{{{{ host.address }}}}:{port}/healthcheck"),
            waits_for_dependencies=False,
        )
        for daemon in daemons:
            yield Unit(
                resource=f"swift-{name}-{daemon}",
                unit=DistroNames(
                    debian=(f"swift-{name}-{daemon}",), redhat=(f"openstack-swift-{name}-{daemon}",)
                ),
                roles=("storage",),
                waits_for_dependencies=False,
            )


#: Exit statuses of swift-ring-builder that count as success. 1 is a warning (few zones, nothing to move).
#: 2 is an error, and also means that a device exists already, as after an interruption; if no device was
#: added, `rebalance` fails afterwards.
RING_BUILT = {"create": (0,), "add": (0, 1, 2), "rebalance": (0, 1)}


def ring_jobs() -> Iterator[Job]:
    """Yield the jobs that create the rings, once; operators add later devices with swift-ring-builder.

    A controller creates them, because its proxy needs them to start and is deployed before the storage nodes.
    """
    for name, (port, _) in SERVERS.items():
        builder, ring = f"{RINGS}/{name}.builder", f"{RINGS}/{name}.ring.gz"
        devices = DEVICES.replace("PORT", str(port))
        replicas = "{{ [hosts('storage') | length, 3] | min }}"
        steps = {
            "create": ("create", "10", replicas, "1"),
            "add": ("add", devices),
            "rebalance": ("rebalance",),
        }
        for step, arguments in steps.items():
            yield Job(
                name=f"{step} {name} ring",
                argv=("swift-ring-builder", builder, *arguments),
                unless=("test", "-e", builder if step == "create" else ring),
                success_statuses=RING_BUILT[step],
            )
        yield Job(
            name=f"link {name} ring",
            argv=("ln", "--symbolic", "--force", "--no-dereference", ring, f"/etc/swift/{name}.ring.gz"),
            roles=ROLES,
            on_every_host=True,
        )
    yield Job(name="remove ring backups", argv=("rm", "-rf", f"{RINGS}/backups"))


SERVICE = Service(
    name="swift",
    title="Swift (object storage)",
    needs=("keystone",),
    readiness_resources=("swift-proxy",),
    packages={
        "controller": DistroNames(
            debian=("swift-proxy", "python3-swiftclient"),
            redhat=("openstack-swift-proxy", "python3-swiftclient"),
        ),
        "storage": DistroNames(
            debian=("swift-account", "swift-container", "swift-object", "swift-object-expirer", "rsync"),
            redhat=(
                "openstack-swift-account",
                "openstack-swift-container",
                "openstack-swift-object",
                "rsync-daemon",
            ),
        ),
    },
    # For erasure coding, sharding and container sync, which a new cloud does not use.
    masked_units={
        "storage": DistroNames(
            debian=(
                "swift-container-reconciler",
                "swift-container-sharder",
                "swift-container-sync",
                "swift-object-reconstructor",
            )
        )
    },
    units=(
        Unit(
            resource="swift-rsync",
            unit=DistroNames(debian=("rsync",), redhat=("rsyncd",)),
            roles=("storage",),
            waits_for_dependencies=False,
        ),
        *storage_units(),
        # A single instance is enough; several would do the same work.
        Unit(
            resource="swift-object-expirer",
            unit=DistroNames(debian=("swift-object-expirer",), redhat=("openstack-swift-object-expirer",)),
            roles=("storage",),
            single=True,
            waits_for_dependencies=False,
        ),
        Unit(
            resource="swift-proxy",
            unit=DistroNames(debian=("swift-proxy",), redhat=("openstack-swift-proxy",)),
            health=HealthCheck(url="http://{{ host.address }}:8080/healthcheck"),
        ),
    ),
    files=(
        File(
            path="/etc/swift/swift.conf",
            owner="root:swift",
            mode=0o640,
            sections={
                "swift-hash": {
                    "swift_hash_path_suffix": "{{ secret('swift-suffix') }}",
                    "swift_hash_path_prefix": "{{ secret('swift-prefix') }}",
                },
                "storage-policy:0": {"name": "Policy-0", "default": "yes"},
            },
        ),
        File(
            path="/etc/swift/proxy-server.conf",
            owner="root:swift",
            mode=0o640,
            roles=("controller",),
            sections={
                "DEFAULT": {
                    "bind_ip": "{{ host.address }}",
                    "bind_port": "8080",
                    "workers": "{{ setting('workers') }}",
                    "user": "swift",
                },
                "pipeline:main": {"pipeline": PIPELINE},
                "app:proxy-server": {"use": "egg:swift#proxy", "account_autocreate": "true"},
                "filter:authtoken": {
                    "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
                    "www_authenticate_uri": "{{ url('keystone', 5000) }}/",
                    "memcached_servers": "{{ members('memcached', 11211) }}",
                    "delay_auth_decision": "true",
                    **auth("swift"),
                },
                "filter:keystoneauth": {"use": "egg:swift#keystoneauth", "operator_roles": "admin, member"},
                "filter:cache": {
                    "use": "egg:swift#memcache",
                    "memcache_servers": "{{ members('memcached', 11211) }}",
                },
                **{f"filter:{name}": {"use": f"egg:swift#{code}"} for name, code in FILTERS.items()},
            },
        ),
        *(
            File(
                path=f"/etc/swift/{name}-server.conf",
                owner="root:swift",
                mode=0o640,
                roles=("storage",),
                sections=server_sections(name, port, daemons),
            )
            for name, (port, daemons) in SERVERS.items()
        ),
        File(
            path="/etc/swift/object-expirer.conf",
            owner="root:swift",
            mode=0o640,
            roles=("storage",),
            sections={
                "DEFAULT": {"user": "swift"},
                "object-expirer": {"interval": "300"},
                "pipeline:main": {"pipeline": "catch_errors proxy-logging cache proxy-server"},
                "app:proxy-server": {"use": "egg:swift#proxy"},
                "filter:cache": {
                    "use": "egg:swift#memcache",
                    "memcache_servers": "{{ members('memcached', 11211) }}",
                },
                "filter:catch_errors": {"use": "egg:swift#catch_errors"},
                "filter:proxy-logging": {"use": "egg:swift#proxy_logging"},
            },
        ),
        File(path="/etc/rsyncd.conf", content=RSYNC, roles=("storage",)),
    ),
    directories={
        RINGS: "root:root",
        "/var/cache/swift": "swift:swift",
    },
    users=(User(name="swift"),),
    endpoints=(Endpoint(service="swift", type="object-store", port=8080, path="/v1/AUTH_%(project_id)s"),),
    listeners=(Listener(name="swift", port=8080, check="/healthcheck"),),
    jobs=(
        Job(
            name="object directory",
            argv=(
                *("install", "--directory", "--owner=swift", "--group=swift"),
                "/srv/node/{{ setting('swift_device') }}",
            ),
            roles=("storage",),
            on_every_host=True,
        ),
        *ring_jobs(),
    ),
    shared=(
        Shared(
            directory=RINGS,
            generated_by="rebalance object ring",
            # As swift-ring-builder creates them.
            owner="root:root",
            mode=0o644,
            roles=ROLES,
        ),
    ),
    verify=(Job(name="object store account", argv=("openstack", "object", "store", "account", "show")),),
)
