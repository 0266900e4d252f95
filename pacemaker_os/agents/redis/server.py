"""Speaking with a Redis (or Valkey) in its own protocol, RESP2."""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLContext

    from pacemaker_os.ocf.deadline import Deadline

#: More than this many bytes is no answer to anything that is asked here.
LONGEST = 1024 * 1024


class ServerError(Failure):
    """Redis answered with an error."""


class Access:
    """How to get in: the ACL user and password, and TLS files where it is TLS."""

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        tls: bool = False,
        ca: str = "",
        cert: str = "",
        key: str = "",
    ) -> None:
        self.user, self.password = user, password
        self.tls, self.ca, self.cert, self.key = tls, ca, cert, key

    def context(self) -> SSLContext | None:
        """What TLS verifies and shows; None without TLS."""
        if not self.tls:
            return None
        import ssl

        context = ssl.create_default_context(cafile=self.ca or None)
        if self.cert:
            context.load_cert_chain(self.cert, self.key or None)
        return context


class Server:
    """A connection to one Redis. Use as a context manager."""

    def __init__(self, host: str, port: int, access: Access, deadline: Deadline) -> None:
        self.stream = Stream(host, port, deadline, access.context())
        if access.password:
            self.ask("AUTH", *([access.user] if access.user else []), access.password)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def ask(self, *words: str) -> str:
        """Send a command and return its answer as text. Raises ServerError when it is an error."""
        data = f"*{len(words)}\r\n".encode()
        for word in words:
            raw = word.encode()
            data += b"$%d\r\n%s\r\n" % (len(raw), raw)
        self.stream.send(data)
        return self.answer()

    def answer(self) -> str:
        """Read one answer: a simple string, a number, an error or a bulk string."""
        line = self.stream.line()
        kind, text = line[:1], line[1:]
        if kind == b"-":
            raise ServerError(f"{self.stream.address} says: {text.decode('utf-8', 'replace')}")
        if kind in (b"+", b":"):
            return text.decode("utf-8", "replace")
        if kind == b"$" and text == b"-1":
            return ""
        if kind == b"$" and text.isdigit() and int(text) < LONGEST:
            return self.stream.exactly(int(text) + 2)[:-2].decode("utf-8", "replace")
        raise Failure(f"{self.stream.address} does not speak the Redis protocol")

    def info(self, section: str = "everything") -> dict[str, str]:
        """What INFO says, as a mapping."""
        pairs = (line.partition(":") for line in self.ask("INFO", section).splitlines() if ":" in line)
        return {name: value for name, _, value in pairs}
