"""The listeners of haproxy.cfg: those of each deployed service, at its virtual IP address.

These options decide what clients notice when a backend server stops or starts:

- A process that stops refuses connections immediately. haproxy sends the request to another server (`option
  redispatch 1`), and three refused connections in a row mark the server down, long before a health check
  would (`observe layer4`).
- A request that the server was processing is repeated on another server if it only reads.
- A process that starts binds its port seconds before it can answer (uWSGI loads the application afterwards).
  It gets requests only after it answers a health check. The check waits for that answer (`timeout check`), so
  a busy server does not count as down. A failed host does not even accept the connection, which must succeed
  within two seconds (`timeout connect`, and `inter` for a check).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.service import Listener, Service
from pacemaker_os.openstack.template import TemplateRenderer

#: Renders a template.
Render = Callable[[str], str]

#: Sends all connections to the same server until it fails, also after another server is back and after a
#: reload of haproxy. The table has a single entry, for the virtual IP address, which expires ten minutes
#: after the address left this host.
SAME_SERVER = ("stick-table type ip size 1 expire 10m peers own", "stick on dst")


def listeners(
    renderer: TemplateRenderer, render: Render, services: Iterable[Service], own: Host | None = None
) -> str:
    """Return the listeners of these services, for the haproxy on the host `own`."""
    return "\n".join(
        _listener(renderer, render, service.name, listener, own)
        for service in services
        for listener in service.listeners
        if renderer.matches(listener.where)
    )


def _listener(
    renderer: TemplateRenderer, render: Render, service: str, listener: Listener, own: Host | None
) -> str:
    """Return one listener. It closes connections to a server that is down, so that clients do not wait."""
    address = renderer.cloud.vip(service)
    lines = [
        *(_http(renderer, address, listener) if listener.mode == "http" else _tcp(address, listener)),
        *(SAME_SERVER if listener.balance == "same" else ()),
        *map(render, listener.options),
    ]
    hosts = renderer.cloud.with_role(listener.role)
    if listener.balance == "same":
        # The host that holds the address comes first. Sessions end anyway when the address moves, and are
        # then opened on its new host; therefore a drained host has none left when its database stops.
        hosts = tuple(sorted(hosts, key=lambda host: host != own))
    for number, host in enumerate(hosts):
        parts = ["server", host.name, f"{host.address}:{listener.port}", listener.server_options]
        if listener.balance == "first":
            # No other server gets requests until this one is down, and each failed attempt costs a second.
            parts += ["error-limit 1"]
        if listener.balance != "all" and number:
            parts += ["backup"]
        lines.append(" ".join(filter(None, parts)))
    return f"listen {listener.name}" + "".join(f"\n    {line}" for line in lines) + "\n"


def _http(renderer: TemplateRenderer, address: str, listener: Listener) -> Iterator[str]:
    """Yield the lines of an HTTP listener."""
    encrypted = renderer.setting("tls") == "yes"
    if encrypted:
        yield f"bind {address}:{listener.tls_port or listener.port} ssl crt {renderer.setting('tls_pem')}"
    if listener.tls_port or not encrypted:
        yield f"bind {address}:{listener.port}"
    yield "option httplog"
    yield "option forwardfor"
    yield "http-request del-header X-Forwarded-Proto"
    if encrypted:
        yield "http-request set-header X-Forwarded-Proto https"
    if encrypted and listener.tls_port:
        yield "http-request redirect scheme https unless { ssl_fc }"
    # Picks the server with the fewest requests out of five random ones, weighted. Busy servers are avoided,
    # and so are servers that have just started, which `leastconn` would treat like any other idle server.
    yield "balance random(5)"
    yield "option httpchk"
    yield f"http-check send meth GET uri {listener.check} ver HTTP/1.1 hdr Host {address}"
    # Three haproxys check, and each check is a line in the server's log, so the interval is long: requests
    # detect a server that stops, and one that starts is checked every second. A host that starts is busy
    # with its other services, so its servers begin with a low weight.
    yield "default-server inter 5s slowstart 5m"
    yield "retry-on conn-failure empty-response"
    yield "http-request disable-l7-retry unless METH_GET"


def _tcp(address: str, listener: Listener) -> Iterator[str]:
    """Yield the lines of a TCP listener."""
    yield f"bind {address}:{listener.port}"
    yield "mode tcp"
    yield "option tcplog"
