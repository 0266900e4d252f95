"""The part of MariaDB's client protocol that is needed to query the state of a server.

A client program would be another process for each monitor, and would need the password in a file or on its
command line. See "Connecting" and "Result Set Packets" in MariaDB's documentation of the client/server
protocol.
"""

from __future__ import annotations

from contextlib import suppress

from pacemaker_os.ocf.codes import Failure, TimedOut
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.deadline import Deadline

PROTOCOL_41 = 0x200
SECURE_CONNECTION = 0x8000
PLUGIN_AUTH = 0x80000
CAPABILITIES = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH
UTF8 = 33
OK, SWITCH, ERROR = 0x00, 0xFE, 0xFF
QUIT, QUERY = b"\x01", b"\x03"
LARGEST = 2**24 - 1

#: Authentication plugins that the agent supports, by the names of their client sides. With unix_socket
#: (auth_socket), the server asks no question.
PLUGINS = ("mysql_native_password", "unix_socket")


class Session:
    """A session through the unix socket `host`, or with `host` and `port`. Use it as a context manager."""

    def __init__(self, host: str, user: str, password: str, deadline: Deadline, *, port: int = 0) -> None:
        self.stream, self.sequence = Stream(host, port, deadline), 0
        try:
            self.log_in(user, password)
        except Failure:
            self.stream.close()
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        # Without a QUIT packet the server would log a warning for every monitor.
        self.sequence = 0
        with suppress(Failure):
            self.send(QUIT)
        self.stream.close()

    def send(self, payload: bytes) -> None:
        """Send one packet."""
        self.stream.send(len(payload).to_bytes(3, "little") + bytes([self.sequence]) + payload)

    def receive(self) -> bytes:
        """Receive one packet. Raises Failure if it reports an error."""
        head = self.stream.exactly(4)
        self.sequence = (head[3] + 1) % 256
        payload = self.stream.exactly(int.from_bytes(head[:3], "little"))
        if payload[:1] == bytes([ERROR]):
            # The error number (2 bytes), then, after the handshake, '#' and the SQL state (5 characters).
            text = payload[9:] if payload[3:4] == b"#" else payload[3:]
            raise Failure(f"MariaDB reported an error: {text.decode('utf-8', 'replace')}")
        return payload

    def log_in(self, user: str, password: str) -> None:
        """Log in with the authentication plugin that the server requests."""
        salt = salt_of(self.receive())
        self.send(
            CAPABILITIES.to_bytes(4, "little")
            + LARGEST.to_bytes(4, "little")
            + bytes([UTF8])
            + bytes(23)
            + user.encode()
            + b"\0"
            + sized(scramble(password, salt))
            + b"mysql_native_password\0"
        )
        response = self.receive()
        while response[0] == SWITCH:
            plugin, _, salt = response[1:].partition(b"\0")
            # With unix_socket, the socket itself authenticates the user; the server rejects all other
            # plugins.
            proof = scramble(password, salt.rstrip(b"\0")) if plugin == b"mysql_native_password" else b""
            self.send(proof)
            try:
                response = self.receive()
            except TimedOut:
                raise
            except Failure as failure:
                name = plugin.decode("utf-8", "replace")
                if name in PLUGINS:
                    raise
                raise Failure(
                    f"{failure.reason}; the account uses the authentication plugin {name}, but the agent "
                    f"supports only {' and '.join(PLUGINS)}"
                ) from None

    def rows(self, statement: str) -> list[list[str]]:
        """Return the rows of a statement's result."""
        self.sequence = 0
        self.send(QUERY + statement.encode())
        columns = self.receive()[0]
        if columns == OK:
            return []
        for _ in range(columns + 1):  # the definitions of the columns, and a packet that ends them
            self.receive()
        found = []
        while not is_end(packet := self.receive()):
            found.append(fields(packet))
        return found

    def status(self) -> dict[str, str]:
        """Return the status variables of the cluster, and whether the server is read-only."""
        found = {row[0]: row[1] for row in self.rows("SHOW GLOBAL STATUS LIKE 'wsrep_%'")}
        found["read_only"] = self.rows("SELECT @@global.read_only")[0][0]
        return found


def is_end(packet: bytes) -> bool:
    """Return whether a packet ends the rows."""
    return packet[0] == SWITCH and len(packet) < 9


def salt_of(greeting: bytes) -> bytes:
    """Return the challenge in the server's greeting: 8 bytes, and 12 more after the capabilities."""
    after = greeting.index(b"\0", 1) + 1
    return greeting[after + 4 : after + 12] + greeting[after + 31 : after + 43]


def scramble(password: str, salt: bytes) -> bytes:
    """Return the response to a challenge (mysql_native_password); empty without a password."""
    if not password:
        return b""
    from hashlib import sha1  # required by the protocol

    once = sha1(password.encode(), usedforsecurity=False).digest()
    twice = sha1(once, usedforsecurity=False).digest()
    mask = sha1(salt + twice, usedforsecurity=False).digest()
    return bytes(a ^ b for a, b in zip(once, mask, strict=True))


def sized(data: bytes) -> bytes:
    """Return bytes with their length as prefix."""
    return bytes([len(data)]) + data


def fields(packet: bytes) -> list[str]:
    """Return the fields of one row, each with its length as prefix; NULL becomes empty."""
    found, place = [], 0
    while place < len(packet):
        size = packet[place]
        place += 1
        if size == 0xFB:
            found.append("")
            continue
        if size > 0xFB:
            width = {0xFC: 2, 0xFD: 3, 0xFE: 8}[size]
            size = int.from_bytes(packet[place : place + width], "little")
            place += width
        found.append(packet[place : place + size].decode("utf-8", "replace"))
        place += size
    return found
