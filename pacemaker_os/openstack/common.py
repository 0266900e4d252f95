"""What pages of the catalogue have in common: sections and files that many services need alike."""

from __future__ import annotations

from collections.abc import Mapping

from pacemaker_os.openstack.service import File

#: Where WSGI applications are sites of httpd, and not of uWSGI.
FAMILIES = ("redhat", "ubuntu")

#: The package of a program that os-brick asks for the machine's number before it attaches a volume, where the
#: kernel does not say it; it is nobody's dependency, and without it backups never end.
DMI = "dmidecode"

#: The message bus, every member by its own address: clients change over by themselves.
TRANSPORT = {"transport_url": "{{ transport_url }}"}

#: Where processes on several hosts agree on who does what. Without keepalive, who waits for an answer when
#: the address's node dies would wait for ever.
COORDINATION = "redis://:{{ secret('redis') }}@{{ vip('redis') }}:6379?socket_keepalive=1"

#: The environment of a client that is the administrator.
ADMIN = {
    "OS_AUTH_URL": "{{ url('keystone', 5000) }}/v3",
    "OS_USERNAME": "admin",
    "OS_PASSWORD": "{{ secret('admin') }}",
    "OS_PROJECT_NAME": "admin",
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_DOMAIN_NAME": "Default",
    "OS_REGION_NAME": "{{ cloud.region }}",
    "OS_IDENTITY_API_VERSION": "3",
    "OS_CACERT": "{{ ca }}",
}


def openrc(environment: Mapping[str, str]) -> str:
    """What a person sources to have this environment."""
    lines = (f"export {name}={value}\n" for name, value in environment.items() if name != "OS_CACERT")
    return "".join(lines) + "{% if ca %}\nexport OS_CACERT={{ ca }}\n{% endif %}\n"


def sql(name: str, user: str = "") -> str:
    """The address of a database, through haproxy: there is one writer at a time."""
    user = user or name
    return f"mysql+pymysql://{user}:{{{{ secret('{user}-db') }}}}@{{{{ vip('galera') }}}}:3306/{name}"


def database(name: str, user: str = "") -> dict[str, str]:
    """The section of oslo.db: a lost connection is made again for as long as it takes."""
    return {
        "connection": sql(name, user),
        "max_retries": "-1",
        "connection_recycle_time": "600",
    }


def chosen(setting: str, word: str, keys: Mapping[str, str]) -> dict[str, str]:
    """Keys that a section has only where `word` is chosen for a setting."""
    test = f"{{% if setting('{setting}') == '{word}' %}}"
    return {key: f"{test}{value}{{% endif +%}}" for key, value in keys.items()}


def cache() -> dict[str, str]:
    """The section of oslo.cache: memcached on every controller; a dead one is passed over.

    Each process waits for a dead one once for each kind of thing that it remembers.
    """
    return {
        "enabled": "true",
        "backend": "oslo_cache.memcache_pool",
        "memcache_servers": "{{ members('memcached', 11211) }}",
        "memcache_dead_retry": "30",
        "memcache_socket_timeout": "0.25",
    }


def login(user: str) -> dict[str, str]:
    """How a service logs in as its keystone user, wherever that is all that it wants to know."""
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
    """How a service logs in, and in which region it looks for other services."""
    return {**login(user), "region_name": "{{ cloud.region }}"}


def authtoken(user: str) -> dict[str, Mapping[str, str]]:
    """The section that verifies the tokens of a service's clients."""
    return {
        "keystone_authtoken": {
            "www_authenticate_uri": "{{ url('keystone', 5000) }}/",
            "memcached_servers": "{{ members('memcached', 11211) }}",
            # Each process waits this long, once, for the cache of a node that has lost its power.
            "memcache_pool_socket_timeout": "1",
            "service_token_roles": "admin",
            "service_token_roles_required": "true",
            **auth(user),
        }
    }


def proxy_headers() -> dict[str, Mapping[str, str]]:
    """The section that believes what haproxy says of the client."""
    return {"oslo_middleware": {"enable_proxy_headers_parsing": "true"}}


def bus() -> dict[str, Mapping[str, str]]:
    """The section of the message bus."""
    return {
        "oslo_messaging_rabbit": {
            # A broker that lost its power says nothing: who waits for it finds out by this.
            "heartbeat_timeout_threshold": "15",
            # A broker that leaves says so, and there are others: nobody need wait a second first.
            "kombu_reconnect_delay": "0.1",
            "rabbit_quorum_queue": "{{ 'true' if setting('queues') == 'quorum' }}",
            "rabbit_transient_quorum_queue": "{{ 'true' if setting('queues') == 'quorum' }}",
        }
    }


def notifications() -> dict[str, Mapping[str, str]]:
    """The sections of the message bus, and of what is told to telemetry where there is one.

    Without a listener the notifications would fill their queues for ever.
    """
    return {
        **bus(),
        "oslo_messaging_notifications": {"driver": "{{ 'messagingv2' if has('ceilometer') else 'noop' }}"},
    }


def locks(name: str) -> dict[str, Mapping[str, str]]:
    """The section of locks among the processes of one host."""
    return {"oslo_concurrency": {"lock_path": "/".join(("/var/lib", name, "tmp"))}}


#: Debian's units wait 15 s for such a request.
STOP = """\
# A request that is taken just before the end, and waits for the message bus, is never answered. Once its
# connection is cut, haproxy asks another host.
[Service]
TimeoutStopSec=2
"""


def uwsgi(name: str, ini: str, port: int, unit: str = "") -> tuple[File, ...]:
    """The files that have a uWSGI unit of Debian listen on the host's own address and loopback, and end soon.

    The init script reads /etc/default/NAME after it has put together its arguments; without it the unit
    listens on all addresses, the virtual one too, and haproxy cannot. Of an option that comes twice, uWSGI
    takes the last. `unit` is what runs it, where that has another name.
    """
    words = (
        f"--http-socket {{{{ host.address }}}}:{port} --http-socket 127.0.0.1:{port} --ini {ini} "
        "--processes {{ setting('workers') }} --threads 1"
    )
    return (
        File(
            path=f"/etc/default/{name}",
            content=f'DAEMON_ARGS="{words}"\n',
            families=("debian",),
        ),
        File(
            path=f"/etc/systemd/system/{unit or name}.service.d/40-stop.conf",
            content=STOP,
            families=("debian",),
        ),
    )


def wsgi_site(
    name: str, script: str, port: int, *, user: str, redhat: str = "", families: tuple[str, ...] = FAMILIES
) -> tuple[File, ...]:
    """The httpd site of a WSGI application, where a family runs it so, on the host's own address.

    It takes the place of the packaged site, which listens on all addresses; `redhat` is that one's name.
    """
    text = f"""\
Listen {{{{ host.address }}}}:{port}

<VirtualHost *:{port}>
    WSGIDaemonProcess {name} processes={{{{ setting('workers') }}}} threads=1 user={user} group={user}
    WSGIProcessGroup {name}
    WSGIScriptAlias / {script}
    WSGIApplicationGroup %{{GLOBAL}}
    WSGIPassAuthorization On
    <Directory /usr/bin>
        Require all granted
    </Directory>
</VirtualHost>
"""
    paths = {
        "redhat": f"/etc/httpd/conf.d/{redhat or name}.conf",
        "ubuntu": f"/etc/apache2/sites-available/{name}.conf",
    }
    return tuple(File(path=paths[family], content=text, families=(family,)) for family in families)
