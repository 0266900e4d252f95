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

from pacemaker_os.openstack.service import Listener, Service
from pacemaker_os.openstack.template import Filler

#: Fills in a template.
Fill = Callable[[str], str]

#: All connections to one host, whichever haproxy they come through, also after one of them was reloaded: the
#: table has one entry, that of the virtual address, which the peers tell each other.
SAME = ("stick-table type ip size 1 peers cloud", "stick on dst")


def listeners(filler: Filler, fill: Fill, services: Iterable[Service]) -> str:
    """The listeners of these services."""
    return "\n".join(
        listener(filler, fill, service.name, entry)
        for service in services
        for entry in service.listeners
        if filler.chosen(entry.where)
    )


def listener(filler: Filler, fill: Fill, service: str, entry: Listener) -> str:
    """One listener. A connection to a host that is down is closed, so that its client does not wait."""
    address = filler.cloud.vip(service)
    lines = [
        *(_http(filler, address, entry) if entry.mode == "http" else _tcp(address, entry)),
        *(SAME if entry.spread == "same" else ()),
        *map(fill, entry.options),
    ]
    for number, host in enumerate(filler.cloud.with_role(entry.role)):
        words = ["server", host.name, f"{host.address}:{entry.port}", entry.server_options]
        if entry.spread == "first":
            # There is no other to turn to until this one is out: a second for each try.
            words += ["error-limit 1", "backup" if number else ""]
        lines.append(" ".join(filter(None, words)))
    return f"listen {entry.name}" + "".join(f"\n    {line}" for line in lines) + "\n"


def _http(filler: Filler, address: str, entry: Listener) -> Iterator[str]:
    """The lines of a listener that understands what it passes on."""
    encrypted = filler.setting("tls") == "yes"
    yield f"bind {address}:{entry.port}" + (f" ssl crt {filler.setting('tls_pem')}" if encrypted else "")
    yield "option httplog"
    yield "option forwardfor"
    yield "http-request del-header X-Forwarded-Proto"
    if encrypted:
        yield "http-request set-header X-Forwarded-Proto https"
    yield "option httpchk"
    yield f"http-check send meth GET uri {entry.check} ver HTTP/1.1 hdr Host {address}"
    # Each question is a line in the log of who answers it, and three haproxys ask; a host that goes is
    # noticed by requests, and one that comes is asked every second.
    yield "default-server inter 5s"
    yield "retry-on conn-failure empty-response"
    yield "http-request disable-l7-retry unless METH_GET"


def _tcp(address: str, entry: Listener) -> Iterator[str]:
    """The lines of a listener that passes on bytes."""
    yield f"bind {address}:{entry.port}"
    yield "mode tcp"
    yield "option tcplog"
