"""The measured services: their configuration and both resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GALERA_CONF = """\
[mysqld]
bind-address=0.0.0.0
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_cluster_name=bench
wsrep_cluster_address=gcomm://{nodes_commas}
wsrep_node_name={node}
wsrep_node_address={address}
wsrep_sst_method=rsync
"""

REDIS_CONF = """\
bind 0.0.0.0
protected-mode no
dir /var/lib/redis
appendonly yes
logfile /var/log/redis/redis-server.log
pidfile /run/redis/redis-server.pid
"""

RABBIT_ENV = "NODENAME=rabbit@{node}\n"

OURS_GALERA = """\
name: bench
resources:
  service:
    agent: ocf:pacemaker-os:galera
    params: {wsrep_cluster_address: "gcomm://{nodes_commas}"}
    operations:
      monitor:
        - {interval: 10s, role: Promoted, timeout: 30s}
        - {interval: 3s, role: Unpromoted, timeout: 30s}
      start: {timeout: 120s}
      stop: {timeout: 180s}
      promote: {timeout: 180s}
      demote: {timeout: 180s}
    promotable: {promoted-max: {count}, notify: true, interleave: true}
"""

SHELL_GALERA = """\
name: bench
resources:
  service:
    agent: ocf:heartbeat:galera
    params:
      wsrep_cluster_address: "gcomm://{nodes_commas}"
      check_user: root
      additional_parameters: --open-files-limit=16384
    operations:
      monitor:
        - {interval: 10s, role: Promoted, timeout: 30s}
        - {interval: 20s, role: Unpromoted, timeout: 30s}
      start: {timeout: 120s}
      stop: {timeout: 120s}
      promote: {timeout: 300s, on-fail: block}
    promotable: {promoted-max: {count}, ordered: true, notify: true, interleave: true}
"""

OURS_RABBIT = """\
name: bench
resources:
  service:
    agent: ocf:pacemaker-os:rabbitmq
    operations:
      monitor:
        - {interval: 10s, timeout: 30s}
        - {interval: 60s, timeout: 60s, params: {OCF_CHECK_LEVEL: 10}}
      start: {timeout: 180s}
      stop: {timeout: 120s}
    clone: {interleave: true}
"""

SHELL_RABBIT = """\
name: bench
resources:
  service:
    agent: ocf:heartbeat:rabbitmq-cluster
    operations: {monitor: {interval: 10s, timeout: 40s}, start: {timeout: 200s}, stop: {timeout: 200s}}
    clone: {ordered: true, notify: true, interleave: true}
"""

OURS_REDIS = """\
name: bench
resources:
  service:
    agent: ocf:pacemaker-os:redis
    operations:
      monitor:
        - {interval: 10s, role: Promoted, timeout: 30s}
        - {interval: 11s, role: Unpromoted, timeout: 30s}
      start: {timeout: 120s}
      stop: {timeout: 120s}
      promote: {timeout: 60s}
    promotable: {notify: true, interleave: true}
"""

SHELL_REDIS = """\
name: bench
resources:
  service:
    agent: ocf:heartbeat:redis
    params: {config: /etc/redis/redis.conf, pidfile_name: redis-server.pid, wait_last_known_master: false}
    operations:
      monitor:
        - {interval: 10s, role: Promoted, timeout: 60s}
        - {interval: 11s, role: Unpromoted, timeout: 60s}
      start: {timeout: 200s}
      stop: {timeout: 200s}
      promote: {timeout: 120s}
    promotable: {ordered: true, notify: true, interleave: true}
"""


@dataclass(frozen=True, slots=True)
class File:
    """A configuration file with owner and mode. Its content can use {node}, {address} and {nodes_commas}."""

    content: str
    owner: str = "root:root"
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Service:
    """A measured service.

    `promoted` is the expected number of promoted instances: None means all, 0 means that the resource is not
    promotable. The commands `on_each` run on every node after its configuration, those of `on_one` on one
    node after the start. `empty` restores the data directory of a stopped node to its packaged state.
    """

    files: Mapping[str, File]
    documents: Mapping[str, str]
    daemon: str
    promoted: int | None
    empty: Sequence[Sequence[str]]
    on_each: Sequence[Sequence[str]] = ()
    on_one: Sequence[Sequence[str]] = ()
    known: Sequence[tuple[Sequence[str], str]] = ()


SERVICES = {
    "galera": Service(
        files={"/etc/mysql/mariadb.conf.d/70-bench.cnf": File(GALERA_CONF)},
        documents={"ours": OURS_GALERA, "shell": SHELL_GALERA},
        daemon="mariadbd",
        promoted=None,
        empty=[
            ["find", "/var/lib/mysql", "-mindepth", "1", "-delete"],
            ["mariadb-install-db", "--user=mysql", "--skip-test-db"],
        ],
        on_each=[["mkdir", "-p", "/var/log/mysql"], ["chown", "mysql:adm", "/var/log/mysql"]],
        on_one=[
            ["mariadb", "-e", "CREATE USER IF NOT EXISTS bench@'%' IDENTIFIED BY 'bench'"],
            ["mariadb", "-e", "GRANT ALL ON bench.* TO bench@'%'"],
        ],
    ),
    "rabbitmq": Service(
        files={
            "/etc/rabbitmq/rabbitmq-env.conf": File(RABBIT_ENV),
            "/var/lib/rabbitmq/.erlang.cookie": File("bench-cookie", "rabbitmq:rabbitmq", 0o400),
            "/root/.erlang.cookie": File("bench-cookie", "root:root", 0o400),
        },
        documents={"ours": OURS_RABBIT, "shell": SHELL_RABBIT},
        daemon="beam.smp",
        promoted=0,
        empty=[["find", "/var/lib/rabbitmq/mnesia", "-mindepth", "1", "-delete"]],
        on_one=[
            ["rabbitmqctl", "add_user", "bench", "bench"],
            ["rabbitmqctl", "set_permissions", "bench", ".*", ".*", ".*"],
            ["rabbitmqctl", "set_policy", "bench-policy", "^bench", '{"max-length":10000000}'],
        ],
        known=[
            (["rabbitmqctl", "--quiet", "list_users"], "bench"),
            (["rabbitmqctl", "--quiet", "list_policies"], "bench-policy"),
        ],
    ),
    "redis": Service(
        files={"/etc/redis/redis.conf": File(REDIS_CONF, "redis:redis", 0o640)},
        documents={"ours": OURS_REDIS, "shell": SHELL_REDIS},
        daemon="redis-server",
        promoted=1,
        empty=[["find", "/var/lib/redis", "-mindepth", "1", "-delete"]],
        on_each=[["mkdir", "-p", "/run/redis"], ["chown", "redis:redis", "/run/redis"]],
    ),
}


def fill(text: str, **values: object) -> str:
    """Return `text` with {name} replaced and other braces unchanged."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
