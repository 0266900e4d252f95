"""Sections of configuration files that many services have in common."""

from __future__ import annotations

from collections.abc import Mapping

#: The message bus: every broker by its own address, because clients fail over by themselves.
TRANSPORT = {"transport_url": "{{ transport_url }}"}

#: The coordination backend of services that distribute work among hosts. Without keepalive, a client that
#: waits for a reply while the node with the virtual IP address fails would wait forever.
COORDINATION = "redis://:{{ secret('redis') }}@{{ vip('redis') }}:6379?socket_keepalive=1"


def sql(name: str, user: str = "") -> str:
    """Return the URL of a database, through haproxy, which sends all connections to one server."""
    user = user or name
    return f"mysql+pymysql://{user}:{{{{ secret('{user}-db') }}}}@{{{{ vip('galera') }}}}:3306/{name}"


def database(name: str, user: str = "") -> dict[str, str]:
    """Return the section of oslo.db, which reconnects without a limit on retries."""
    return {
        "connection": sql(name, user),
        "max_retries": "-1",
        "connection_recycle_time": "600",
    }


def chosen(setting: str, value: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Return keys that a section has only if a setting has this value."""
    test = f"{{% if setting('{setting}') == '{value}' %}}"
    return {key: f"{test}{text}{{% endif +%}}" for key, text in keys.items()}


def cache() -> dict[str, str]:
    """Return the section of oslo.cache: memcached on every controller, skipping servers that are down.

    Each process waits once, for each cache region, for a server that is down.
    """
    return {
        "enabled": "true",
        "backend": "oslo_cache.memcache_pool",
        "memcache_servers": "{{ members('memcached', 11211) }}",
        "memcache_dead_retry": "30",
        "memcache_socket_timeout": "0.25",
    }


def login(user: str) -> dict[str, str]:
    """Return the options with which a service logs in as its Keystone user."""
    return {
        "auth_type": "password",
        "auth_url": "{{ url('keystone', 5000) }}/v3",
        "project_domain_name": "Default",
        "user_domain_name": "Default",
        "project_name": "service",
        "username": user,
        "password": f"{{{{ secret('{user}') }}}}",
        "cafile": "{{ ca }}",
    }


def auth(user: str) -> dict[str, str]:
    """Return the options with which a service logs in, and the region of the services that it calls."""
    return {**login(user), "region_name": "{{ cloud.region }}"}


def authtoken(user: str) -> dict[str, Mapping[str, str]]:
    """Return the section that verifies the tokens of a service's clients."""
    return {
        "keystone_authtoken": {
            "www_authenticate_uri": "{{ url('keystone', 5000) }}/",
            "memcached_servers": "{{ members('memcached', 11211) }}",
            # Time that each process waits, once, for the cache of a node that lost power.
            "memcache_pool_socket_timeout": "1",
            "service_token_roles": "admin",
            "service_token_roles_required": "true",
            **auth(user),
        }
    }


def proxy_headers() -> dict[str, Mapping[str, str]]:
    """Return the section that makes a service trust haproxy's headers about the client."""
    return {"oslo_middleware": {"enable_proxy_headers_parsing": "true"}}


def bus() -> dict[str, Mapping[str, str]]:
    """Return the section of the message bus."""
    return {
        "oslo_messaging_rabbit": {
            # Heartbeats are how clients detect a broker that lost power.
            "heartbeat_timeout_threshold": "15",
            # A broker that stops closes its connections, and the other brokers are available, so clients
            # do not have to wait a second before they reconnect.
            "kombu_reconnect_delay": "0.1",
            "rabbit_quorum_queue": "{{ 'true' if setting('queue_type') == 'quorum' }}",
            "rabbit_transient_quorum_queue": "{{ 'true' if setting('queue_type') == 'quorum' }}",
        }
    }


def notifications() -> dict[str, Mapping[str, str]]:
    """Return the sections of the message bus and of notifications to telemetry.

    Without telemetry, notifications are off: their queues would grow without limit.
    """
    return {
        **bus(),
        "oslo_messaging_notifications": {"driver": "{{ 'messagingv2' if has('ceilometer') else 'noop' }}"},
    }


def locks(name: str) -> dict[str, Mapping[str, str]]:
    """Return the section of locks between the processes of one host."""
    return {"oslo_concurrency": {"lock_path": "/".join(("/var/lib", name, "tmp"))}}
