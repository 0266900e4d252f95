"""Host addresses with optional ports, as they stand in parameters and configuration files.

An IPv6 address stands in brackets if a port follows it: [fd00::1]:4567. Without a port, it may stand alone.
"""

from __future__ import annotations

from collections import namedtuple

Address = namedtuple("Address", "host port")
Address.__doc__ = (
    """A host name or IP address without brackets, and a port; the port is 0 if there is none."""
)


def parse_address(text: str) -> Address:
    """Return the address in HOST, HOST:PORT, IPV6, [IPV6] or [IPV6]:PORT. Raises ValueError."""
    host, port = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
        if not bracket or (rest and not rest.startswith(":")) or ":" not in host:
            raise ValueError(f"'{text}' is not a valid address")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise ValueError(f"'{text}' is not a valid address")
    return Address(host, int(port or 0))


def format_address(host: str, port: int = 0) -> str:
    """Return an address as part of a URL or a list: IPv6 addresses are in brackets."""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def same_host(one: str, other: str) -> bool:
    """Return whether two hosts have the same name or IP address, in any spelling."""
    return normalized(one) == normalized(other)


def normalized(host: str) -> str:
    """Return a host name in lower case, or an IPv6 address in its shortest form."""
    if ":" not in host:
        return host.lower().rstrip(".")
    import socket

    address, percent, zone = host.partition("%")
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except OSError:
        return host.lower()
    return socket.inet_ntop(socket.AF_INET6, packed) + percent + zone


def is_local(host: str) -> bool:
    """Return whether an IP address is assigned to this node. Names count as assigned."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except socket.gaierror:
        return True
    except OSError:
        return False
    return True
