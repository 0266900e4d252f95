"""The listeners of haproxy.cfg: one for each of the chosen services, at its virtual address."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pacemaker_os.openstack.service import Listener, Service
from pacemaker_os.openstack.template import Filler

#: Fills in a template.
Fill = Callable[[str], str]


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
    encrypted = filler.setting("tls") == "yes" and entry.mode == "http"
    tls = f" ssl crt {filler.setting('tls_pem')}" if encrypted else ""
    lines = [f"listen {entry.name}", f"bind {filler.cloud.vip(service)}:{entry.port}{tls}"]
    if entry.mode == "http":
        lines += ["option httplog", "option forwardfor", "http-request del-header X-Forwarded-Proto"]
        lines += ["http-request set-header X-Forwarded-Proto https"] if encrypted else []
    else:
        lines += [f"mode {entry.mode}", "option tcplog"]
    lines += map(fill, entry.options)
    for number, host in enumerate(filler.cloud.with_role(entry.role)):
        reserve = " backup" if entry.one_at_a_time and number else ""
        options = f"{entry.server_options} on-marked-down shutdown-sessions{reserve}"
        lines.append(f"server {host.name} {host.address}:{entry.port} {options}")
    return lines[0] + "".join(f"\n    {line}" for line in lines[1:]) + "\n"
