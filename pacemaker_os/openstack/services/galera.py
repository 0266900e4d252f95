"""MariaDB with Galera: the database, on every controller."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.service import File, Listener, Service

#: From 11.6 on, MariaDB aborts a transaction if another one has changed a row since it was read ("Record has
#: changed since last read"). Nova 31 does not retry nested transactions, so the deletion of an instance could
#: end in status ERROR. `loose` makes servers that do not have the variable ignore it.
CONFIGURATION = """\
[mysqld]
bind-address = {{ host.address }}
max_connections = 4096
skip-name-resolve
character-set-server = utf8mb4
binlog_format = ROW
default_storage_engine = InnoDB
innodb_autoinc_lock_mode = 2
loose-innodb_snapshot_isolation = OFF
innodb_file_per_table = 1
innodb_buffer_pool_size = {{ setting('database_memory') }}
wsrep_on = ON
wsrep_provider = PROVIDER
wsrep_cluster_name = {{ cloud.name }}
wsrep_cluster_address = gcomm://{{ hosts('controller') | map(attribute='address') | join(',') }}
wsrep_node_name = {{ host.name }}
wsrep_node_address = {{ host.address }}
wsrep_sst_method = rsync
"""

MEMBERS = "gcomm://{{ hosts('controller') | map(attribute='address') | join(',') }}"
NAMES = "{% for host in hosts('controller') %}{{ host.name }}:{{ host.address }};{% endfor %}"

SERVICE = Service(
    name="galera",
    title="MariaDB with Galera (database)",
    needs=("system",),
    readiness_resources=("promote galera",),
    packages={
        "controller": DistroNames(
            debian=("mariadb-server", "galera-4", "rsync", "socat", "python3-pymysql"),
            redhat=("mariadb-server-galera", "mariadb-server", "rsync", "socat", "python3-PyMySQL"),
        )
    },
    masked_units={"controller": DistroNames(debian=("mariadb",), redhat=("mariadb",))},
    files=(
        File(
            path="/etc/mysql/mariadb.conf.d/90-openstack.cnf",
            content=CONFIGURATION.replace("PROVIDER", "/usr/lib/galera/libgalera_smm.so"),
            roles=("controller",),
            families=("debian", "ubuntu"),
        ),
        File(
            path="/etc/my.cnf.d/openstack.cnf",
            content=CONFIGURATION.replace("PROVIDER", "/usr/lib64/galera/libgalera_smm.so"),
            roles=("controller",),
            families=("redhat",),
        ),
    ),
    # A single writer: if two nodes changed the same rows at the same time, one of them would fail at commit.
    # The writer is on the host that holds the address. After a failover it stays where it is, because failing
    # back would close all sessions.
    listeners=(
        Listener(
            name="galera",
            port=3306,
            mode="tcp",
            options=("timeout client 1h", "timeout server 1h"),
            balance="same",
        ),
    ),
    document={
        "resources": {
            "galera": {
                "agent": "ocf:pacemaker-os:galera",
                "params": {
                    "wsrep_cluster_address": MEMBERS,
                    "cluster_host_map": NAMES,
                    "haproxy_socket": "{{ '/run/haproxy/admin.sock' if host in hosts('front') }}",
                    "niceness": "{{ setting('backend_niceness') }}",
                },
                "operations": {
                    "monitor": [
                        {"interval": "10s", "role": "Promoted", "timeout": "30s"},
                        {"interval": "5s", "role": "Unpromoted", "timeout": "30s"},
                    ],
                    "start": {"timeout": "120s"},
                    "stop": {"timeout": "180s"},
                    "promote": {"timeout": "180s"},
                    "demote": {"timeout": "180s"},
                },
                "promotable": {
                    "promoted-max": "{{ hosts('controller') | length }}",
                    "notify": True,
                    "interleave": True,
                },
            }
        },
    },
)
