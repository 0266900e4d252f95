"""A connection to a server, on which every wait has an end and every error has a name."""

from __future__ import annotations

import socket

from pacemaker_os.ocf.codes import Failure, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext
    from typing import TypeVar

    from pacemaker_os.ocf.deadline import Deadline

    T = TypeVar("T")

#: No line that a server sends here is longer, in bytes.
MAX_LINE = 1024 * 1024


class Refused(Failure):
    """Nobody listens there, or there is no such place."""


class Stream:
    """A connection to `host` and `port`, or to the unix socket `host` when the port is 0.

    Raises Refused (nobody listens), TimedOut (no answer before the deadline) and Failure (the connection
    broke), from every method, each naming the place. With `tls`, the server's certificate is verified.
    """

    def __init__(self, host: str, port: int, deadline: Deadline, tls: SSLContext | None = None) -> None:
        self.address = f"{host}:{port}" if port else host
        self.deadline = deadline
        self.rest = b""
        try:
            self.socket = self._connect(host, port)
            if tls:
                self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        except TimeoutError:
            raise TimedOut(f"{self.address} does not accept a connection in time") from None
        except ConnectionRefusedError:
            raise Refused(f"nothing listens on {self.address}") from None
        except OSError as error:
            raise Refused(f"{self.address}: {error.strerror or error}") from None
        except UnicodeError:
            raise Refused(f"{self.address} is no address") from None

    def _connect(self, host: str, port: int) -> socket.socket:
        if port:
            return socket.create_connection((host, port), timeout=max(0.01, self.deadline.left))
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(max(0.01, self.deadline.left))
        try:
            plain.connect(host)
        except BaseException:
            plain.close()
            raise
        return plain

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self.socket.close()

    def _guard(self, act: Callable[[], T]) -> T:
        self.socket.settimeout(max(0.01, self.deadline.left))
        try:
            return act()
        except TimeoutError:
            raise TimedOut(f"{self.address} gives no answer in time") from None
        except OSError as error:
            raise Failure(f"{self.address}: {error.strerror or error}") from None

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self._guard(lambda: self.socket.sendall(data))

    def some(self) -> bytes:
        """What comes next; empty when the server has closed the connection."""
        if self.rest:
            data, self.rest = self.rest, b""
            return data
        return self._guard(lambda: self.socket.recv(65536))

    def more(self) -> None:
        """Receive something. Raises Failure when nothing comes any more."""
        data = self._guard(lambda: self.socket.recv(65536))
        if not data:
            raise Failure(f"{self.address} closed the connection")
        self.rest += data

    def exactly(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self.rest) < size:
            self.more()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def line(self) -> bytes:
        """The next line, without its CR LF."""
        while b"\r\n" not in self.rest:
            if len(self.rest) > MAX_LINE:
                raise Failure(f"{self.address} sends a line without an end")
            self.more()
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line
