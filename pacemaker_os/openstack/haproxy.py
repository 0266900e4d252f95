"""The listeners of haproxy.cfg: one for each of the chosen services, at its virtual address.

What a client notices of a host that goes, or comes, is decided here:

- A process that goes refuses connections from one moment to the next. Its request is sent to another host at
  once (`option redispatch 1`), and three such in a row take the host out, long before a check would
  (`observe layer4`).
- A request that was under way on it is asked again elsewhere if that can do no harm: if it only reads.
- A process that comes listens seconds before it can answer (uWSGI binds its port, and then loads the
  application). It is given requests only when it answers a page; the check waits for that answer (`timeout
  check`), so that a busy host is not taken for one that is lost. A host that is lost does not even take the
  connection, which has to come within two seconds (`timeout connect`, and of a check `inter`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pacemaker_os.openstack.cloud import Host
from pacemaker_os.openstack.service import Listener, Service
from pacemaker_os.openstack.template import Filler

#: Fills in a template.
Fill = Callable[[str], str]

#: All connections to one host until it is lost, also when another is back and when haproxy was reloaded: the
#: table has one entry, that of the virtual address, and forgets it when the address has been away for long.
SAME = ("stick-table type ip size 1 expire 10m peers own", "stick on dst")


def listeners(filler: Filler, fill: Fill, services: Iterable[Service], here: Host | None = None) -> str:
    """The listeners of these services, in the haproxy of the host `here`."""
    return "\n".join(
        listener(filler, fill, service.name, entry, here)
        for service in services
        for entry in service.listeners
        if filler.chosen(entry.where)
    )


def listener(filler: Filler, fill: Fill, service: str, entry: Listener, here: Host | None = None) -> str:
    """One listener. A connection to a host that is down is closed, so that its client does not wait."""
    address = filler.cloud.vip(service)
    lines = [
        *(_http(filler, address, entry) if entry.mode == "http" else _tcp(address, entry)),
        *(SAME if entry.spread == "same" else ()),
        *map(fill, entry.options),
    ]
    hosts = filler.cloud.with_role(entry.role)
    if entry.spread == "same":
        # The host that has the address itself. When the address moves all sessions end anyway, and go on
        # where it is then: so a host that is drained has none left when its database ends.
        hosts = tuple(sorted(hosts, key=lambda host: host != here))
    for number, host in enumerate(hosts):
        words = ["server", host.name, f"{host.address}:{entry.port}", entry.server_options]
        if entry.spread == "first":
            # There is no other to turn to until this one is out: a second for each try.
            words += ["error-limit 1"]
        if entry.spread != "all" and number:
            words += ["backup"]
        lines.append(" ".join(filter(None, words)))
    return f"listen {entry.name}" + "".join(f"\n    {line}" for line in lines) + "\n"


def _http(filler: Filler, address: str, entry: Listener) -> Iterator[str]:
    """The lines of a listener that understands what it passes on."""
    encrypted = filler.setting("tls") == "yes"
    if encrypted:
        yield f"bind {address}:{entry.tls_port or entry.port} ssl crt {filler.setting('tls_pem')}"
    if entry.tls_port or not encrypted:
        yield f"bind {address}:{entry.port}"
    yield "option httplog"
    yield "option forwardfor"
    yield "http-request del-header X-Forwarded-Proto"
    if encrypted:
        yield "http-request set-header X-Forwarded-Proto https"
    if encrypted and entry.tls_port:
        yield "http-request redirect scheme https unless { ssl_fc }"
    # Of five draws by weight, the one with the fewest requests: who is busy is passed over while others
    # are idle, and so is one that is only just back; idle, that would be as good as any for `leastconn`.
    yield "balance random(5)"
    yield "option httpchk"
    yield f"http-check send meth GET uri {entry.check} ver HTTP/1.1 hdr Host {address}"
    # Each question is a line in the log of who answers it, and three haproxys ask; a host that goes is
    # noticed by requests, and one that comes is asked every second. That one still starts the rest of its
    # services, and has little weight for a while.
    yield "default-server inter 5s slowstart 5m"
    yield "retry-on conn-failure empty-response"
    yield "http-request disable-l7-retry unless METH_GET"


def _tcp(address: str, entry: Listener) -> Iterator[str]:
    """The lines of a listener that passes on bytes."""
    yield f"bind {address}:{entry.port}"
    yield "mode tcp"
    yield "option tcplog"
