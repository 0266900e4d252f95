"""Speaking with a Redis (or Valkey) in its own protocol, RESP2."""

from __future__ import annotations

import socket

from pacemaker_os.ocf.codes import Failure, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.deadline import Deadline

#: More than this many bytes is no answer to anything that is asked here.
LONGEST = 1024 * 1024


class Refused(Failure):
    """Nobody listens there, or there is no such place."""


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


class Server:
    """A connection to one Redis. Use as a context manager."""

    def __init__(self, host: str, port: int, access: Access, deadline: Deadline) -> None:
        self.place = f"{host}:{port}"
        self.deadline = deadline
        self.rest = b""
        try:
            self.socket = socket.create_connection((host, port), timeout=max(0.01, deadline.left))
            if access.tls:
                self.socket = secure(self.socket, host, access)
        except ConnectionRefusedError:
            raise Refused(f"nothing listens on {self.place}") from None
        except TimeoutError:
            raise TimedOut(f"{self.place} does not accept a connection in time") from None
        except OSError as error:
            raise Refused(f"{self.place}: {error.strerror or error}") from None
        if access.password:
            self.ask("AUTH", *([access.user] if access.user else []), access.password)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, *words: str) -> str:
        """Send a command and return its answer as text. Raises ServerError when it is an error."""
        data = f"*{len(words)}\r\n".encode()
        for word in words:
            raw = word.encode()
            data += b"$%d\r\n%s\r\n" % (len(raw), raw)
        try:
            self.socket.settimeout(max(0.01, self.deadline.left))
            self.socket.sendall(data)
            return self.answer()
        except TimeoutError:
            raise TimedOut(f"{self.place} does not answer {words[0]} in time") from None
        except OSError as error:
            raise Failure(f"{self.place}: {error.strerror or error}") from None

    def answer(self) -> str:
        """Read one answer: a simple string, a number, an error or a bulk string."""
        line = self.line()
        kind, text = line[:1], line[1:]
        if kind == b"-":
            raise ServerError(f"{self.place} says: {text.decode('utf-8', 'replace')}")
        if kind in b"+:":
            return text.decode("utf-8", "replace")
        if kind == b"$" and text.lstrip(b"-").isdigit():
            return "" if text.startswith(b"-") else self.bulk(int(text))
        raise Failure(f"{self.place} does not speak the Redis protocol")

    def line(self) -> bytes:
        """One line, without its end."""
        while b"\r\n" not in self.rest:
            self.more()
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line

    def bulk(self, size: int) -> str:
        """`size` bytes of text."""
        if size > LONGEST:
            raise Failure(f"{self.place} answers with {size} bytes")
        while len(self.rest) < size + 2:
            self.more()
        data, self.rest = self.rest[:size], self.rest[size + 2 :]
        return data.decode("utf-8", "replace")

    def more(self) -> None:
        """Receive some bytes."""
        self.socket.settimeout(max(0.01, self.deadline.left))
        chunk = self.socket.recv(65536)
        if not chunk or len(self.rest) > LONGEST:
            raise Failure(f"{self.place} closed the connection")
        self.rest += chunk

    def info(self, section: str = "everything") -> dict[str, str]:
        """What INFO says, as a mapping."""
        pairs = (line.partition(":") for line in self.ask("INFO", section).splitlines() if ":" in line)
        return {name: value for name, _, value in pairs}


def secure(plain: socket.socket, host: str, access: Access) -> socket.socket:
    """The same connection under TLS, the server's certificate verified."""
    import ssl

    context = ssl.create_default_context(cafile=access.ca or None)
    if access.cert:
        context.load_cert_chain(access.cert, access.key or None)
    return context.wrap_socket(plain, server_hostname=host)
