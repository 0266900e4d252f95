"""A connection to a server, with a timeout for every wait and the address in every error."""

from __future__ import annotations

import socket

from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.network.address import format_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from ssl import SSLContext
    from typing import TypeVar

    from pacemaker_os.ocf.deadline import Deadline

    T = TypeVar("T")

#: Maximum length of a line from a server, in bytes.
MAX_LINE = 1024 * 1024


class Refused(Failure):
    """Nothing listens on the address, or it does not exist."""


class Stream:
    """A connection to `host` and `port`, or to the unix socket `host` if the port is 0.

    Every method may raise Refused (nothing listens there), TimedOut (no response before the deadline) or
    Failure (connection lost); the message contains the address. With `tls`, the server's certificate is
    verified.
    """

    def __init__(self, host: str, port: int, deadline: Deadline, tls: SSLContext | None = None) -> None:
        self.address = format_address(host, port) if port else host
        self.deadline = deadline
        self.rest = b""
        try:
            self.socket = self._connect(host, port)
        except TimeoutError:
            raise TimedOut(f"{self.address} did not accept the connection in time") from None
        except ConnectionRefusedError:
            raise Refused(f"nothing listens on {self.address}") from None
        except OSError as error:
            raise Refused(f"{self.address}: {error.strerror or error}") from None
        except UnicodeError:
            raise Refused(f"{self.address} is not a valid address") from None
        if tls:
            self._encrypt(host, tls)

    def _encrypt(self, host: str, tls: SSLContext) -> None:
        try:
            self.socket = tls.wrap_socket(self.socket, server_hostname=host)
        except TimeoutError:
            self.socket.close()
            raise TimedOut(f"{self.address} did not complete the TLS handshake in time") from None
        except OSError as error:  # ssl.SSLError is one
            self.socket.close()
            raise Failure(f"no TLS connection to {self.address}: {error.strerror or error}") from None

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
        """Close the connection."""
        self.socket.close()

    def _guard(self, act: Callable[[], T]) -> T:
        self.socket.settimeout(max(0.01, self.deadline.left))
        try:
            return act()
        except TimeoutError:
            raise TimedOut(f"{self.address} did not respond in time") from None
        except OSError as error:
            raise Failure(f"{self.address}: {error.strerror or error}") from None

    def send(self, data: bytes) -> None:
        """Send all of `data`."""
        self._guard(lambda: self.socket.sendall(data))

    def some(self) -> bytes:
        """Return the next received bytes; empty if the server has closed the connection."""
        if self.rest:
            data, self.rest = self.rest, b""
            return data
        return self._guard(lambda: self.socket.recv(65536))

    def more(self) -> None:
        """Receive more data. Raises Failure if the server has closed the connection."""
        data = self._guard(lambda: self.socket.recv(65536))
        if not data:
            raise Failure(f"{self.address} closed the connection")
        self.rest += data

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        while len(self.rest) < size:
            self.more()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def line(self) -> bytes:
        """Return the next line, without its CR LF."""
        while b"\r\n" not in self.rest:
            if len(self.rest) > MAX_LINE:
                raise Failure(f"{self.address} sent a line that is too long")
            self.more()
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line
