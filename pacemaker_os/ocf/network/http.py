"""HTTP client for health endpoints, with one request per connection.

Importing `http.client` would cost 20 ms of CPU time.
"""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.network.address import format_address, parse_address
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    from pacemaker_os.ocf.deadline import Deadline

#: Maximum size of a response, in bytes; the rest is not read.
MAX_BODY = 1024 * 1024


#: Default ports of the supported schemes.
PORTS = {"http": 80, "https": 443}


class Response:
    """The response of a server."""

    __slots__ = ("body", "status")

    def __init__(self, status: int, body: str) -> None:
        self.status, self.body = status, body


def split(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path of an http or https URL. Raises ValueError."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    try:
        host, port = parse_address(authority)
    except ValueError:
        host, port = "", 0
    port = port or PORTS.get(scheme, 0)
    if not separator or not host or scheme not in PORTS or "@" in authority or " " in url:
        raise ValueError(f"'{url}' is not a valid http or https URL")
    return scheme, host, port, slash + path or "/"


def get(
    url: str, deadline: Deadline, *, headers: Mapping[str, str] | None = None, ca_file: str = ""
) -> Response:
    """Send a GET request. Certificates are verified with `ca_file` or the system's CA certificates.

    Raises Refused, TimedOut, or Failure (connection lost, not HTTP); the message contains the address.
    """
    scheme, host, port, path = split(url)
    named = format_address(host, 0 if port == PORTS[scheme] else port)
    lines = [f"GET {path} HTTP/1.0", f"Host: {named}", "User-Agent: pacemaker-os", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    data = b""
    with Stream(host, port, deadline, verified(ca_file) if scheme == "https" else None) as stream:
        stream.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        while len(data) < MAX_BODY and (chunk := stream.some()):
            data += chunk
    return parse(url, data)


def verified(ca_file: str) -> SSLContext:
    """Return a TLS context that verifies the server's certificate."""
    import ssl

    return ssl.create_default_context(cafile=ca_file or None)


def parse(url: str, data: bytes) -> Response:
    """Return status and body of a complete response."""
    head, _, body = data.partition(b"\r\n\r\n")
    status_line = head.split(b"\r\n")[0].split()
    if len(status_line) < 2 or not status_line[0].startswith(b"HTTP/") or not status_line[1].isdigit():
        raise Failure(f"{url}: the response is not HTTP")
    return Response(int(status_line[1]), body.decode("utf-8", "replace"))
