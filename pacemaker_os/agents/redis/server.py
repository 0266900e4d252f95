"""Connection to Redis or Valkey, with its protocol RESP2."""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    from pacemaker_os.ocf.deadline import Deadline

#: Maximum size of a response, in bytes.
MAX_RESPONSE = 1024 * 1024


class ServerError(Failure):
    """An error response of Redis."""


class Access:
    """The configuration of a client: ACL user, password, TLS files if TLS is used, renamed commands."""

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        tls: bool = False,
        ca: str = "",
        cert: str = "",
        key: str = "",
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self.user, self.password = user, password
        self.tls, self.ca, self.cert, self.key = tls, ca, cert, key
        self.renamed = renamed or {}

    def context(self) -> SSLContext | None:
        """Return the TLS context, or None without TLS.

        As between replicas, the certificate is verified, but not the name in it: addresses of nodes are often
        not in their certificates.
        """
        if not self.tls:
            return None
        import ssl

        context = ssl.create_default_context(cafile=self.ca or None)
        context.check_hostname = False
        if self.cert:
            context.load_cert_chain(self.cert, self.key or None)
        return context


class Server:
    """A connection to a server. Use it as a context manager."""

    def __init__(self, host: str, port: int, access: Access, deadline: Deadline) -> None:
        self.stream, self.renamed = Stream(host, port, deadline, access.context()), access.renamed
        if access.password:
            self.command("AUTH", *([access.user] if access.user else []), access.password)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def command(self, *arguments: str) -> str:
        """Send a command and return its response as text. Raises ServerError for an error response."""
        name = self.renamed.get(arguments[0], arguments[0])
        if not name:
            raise ServerError(f"{self.stream.address}: the configuration disables the command {arguments[0]}")
        data = f"*{len(arguments)}\r\n".encode()
        for argument in (name, *arguments[1:]):
            raw = argument.encode()
            data += b"$%d\r\n%s\r\n" % (len(raw), raw)
        self.stream.send(data)
        return self.read_response()

    def read_response(self) -> str:
        """Read one response: a simple string, a number, an error or a bulk string."""
        line = self.stream.line()
        kind, text = line[:1], line[1:]
        if kind == b"-":
            raise ServerError(f"{self.stream.address}: {text.decode('utf-8', 'replace')}")
        if kind in (b"+", b":"):
            return text.decode("utf-8", "replace")
        if kind == b"$" and text == b"-1":
            return ""
        if kind == b"$" and text.isdigit() and int(text) < MAX_RESPONSE:
            return self.stream.exactly(int(text) + 2)[:-2].decode("utf-8", "replace")
        raise Failure(f"the response of {self.stream.address} is not from Redis")

    def info(self, section: str = "everything") -> dict[str, str]:
        """Return the fields of INFO."""
        pairs = (line.partition(":") for line in self.command("INFO", section).splitlines() if ":" in line)
        return {name: value for name, _, value in pairs}
