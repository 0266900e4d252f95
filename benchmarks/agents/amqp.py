"""The part of AMQP 0-9-1 that publishing with confirms and reading back requires."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.deadline import Deadline
from pacemaker_os.ocf.network.stream import Stream

#: Number of messages requested together.
WINDOW = 200

METHOD, HEADER, BODY, HEARTBEAT, END = 1, 2, 3, 8, b"\xce"

CONNECTION_START, CONNECTION_START_OK = (10, 10), (10, 11)
CONNECTION_TUNE, CONNECTION_TUNE_OK = (10, 30), (10, 31)
CONNECTION_OPEN, CONNECTION_OPEN_OK = (10, 40), (10, 41)
CHANNEL_OPEN, CHANNEL_OPEN_OK = (20, 10), (20, 11)
QUEUE_DECLARE, QUEUE_DECLARE_OK = (50, 10), (50, 11)
CONFIRM_SELECT, CONFIRM_SELECT_OK = (85, 10), (85, 11)
BASIC_PUBLISH, BASIC_GET, BASIC_GET_OK, BASIC_GET_EMPTY, BASIC_ACK = (
    (60, 40),
    (60, 70),
    (60, 71),
    (60, 72),
    (60, 80),
)


def short(text: str) -> bytes:
    """Return a short string."""
    raw = text.encode()
    return bytes([len(raw)]) + raw


def long(raw: bytes) -> bytes:
    """Return a long string."""
    return struct.pack(">I", len(raw)) + raw


class Channel:
    """A connection to the broker `host`, with one channel in confirm mode."""

    def __init__(self, host: str, user: str, password: str, deadline: Deadline) -> None:
        self.stream = Stream(host, 5672, deadline)
        self.stream.send(b"AMQP\x00\x00\x09\x01")
        self.expect(CONNECTION_START)
        proof = f"\0{user}\0{password}".encode()
        self.method(0, CONNECTION_START_OK, long(b"") + short("PLAIN") + long(proof) + short("en_US"))
        tune = self.expect(CONNECTION_TUNE)
        self.method(0, CONNECTION_TUNE_OK, tune[:6] + struct.pack(">H", 0))
        self.method(0, CONNECTION_OPEN, short("/") + short("") + b"\0")
        self.expect(CONNECTION_OPEN_OK)
        self.method(1, CHANNEL_OPEN, short(""))
        self.expect(CHANNEL_OPEN_OK)
        self.method(1, CONFIRM_SELECT, b"\0")
        self.expect(CONFIRM_SELECT_OK)

    def close(self) -> None:
        """Close the connection."""
        self.stream.close()

    def frame(self, kind: int, channel: int, payload: bytes) -> None:
        """Send a frame."""
        self.stream.send(struct.pack(">BHI", kind, channel, len(payload)) + payload + END)

    def method(self, channel: int, name: tuple[int, int], arguments: bytes) -> None:
        """Send a method."""
        self.frame(METHOD, channel, struct.pack(">HH", *name) + arguments)

    def receive(self) -> tuple[int, bytes]:
        """Return the kind and payload of the next frame, skipping heartbeats."""
        while True:
            kind, _, size = struct.unpack(">BHI", self.stream.exactly(7))
            payload = self.stream.exactly(size + 1)[:-1]
            if kind != HEARTBEAT:
                return kind, payload

    def expect(self, *names: tuple[int, int]) -> bytes:
        """Return the arguments of the next method. Raises Failure unless it is one of `names`."""
        kind, payload = self.receive()
        name = struct.unpack(">HH", payload[:4])
        if kind != METHOD or name not in names:
            raise Failure(f"{self.stream.address} sends method {name}, not {names}: {payload[4:120]!r}")
        return payload[4:]

    def declare(self, queue: str, kind: str) -> None:
        """Declare a durable queue of `kind` (quorum, classic)."""
        table = short("x-queue-type") + b"S" + long(kind.encode())
        self.method(1, QUEUE_DECLARE, b"\0\0" + short(queue) + bytes([2]) + long(table))
        self.expect(QUEUE_DECLARE_OK)

    def publish(self, queue: str, text: str) -> None:
        """Publish a persistent message and wait until the broker confirms it."""
        body = text.encode()
        self.method(1, BASIC_PUBLISH, b"\0\0" + short("") + short(queue) + b"\0")
        # Property flags: only delivery-mode (bit 12), with the value 2 (persistent).
        self.frame(HEADER, 1, struct.pack(">HHQHB", 60, 0, len(body), 1 << 12, 2))
        self.frame(BODY, 1, body)
        self.expect(BASIC_ACK)

    def drain(self, queue: str) -> Iterator[tuple[str, bool]]:
        """Remove all messages from a queue; yield the text of each, and whether it was redelivered.

        Messages are acknowledged after they were received, so that a broken connection loses none. They are
        not redelivered so often that a quorum queue would drop them.
        """
        while True:
            for _ in range(WINDOW):
                self.method(1, BASIC_GET, b"\0\0" + short(queue) + b"\0")
            messages = [message for _ in range(WINDOW) if (message := self.message())]
            if messages:
                last = messages[-1][0]
                self.method(1, BASIC_ACK, struct.pack(">QB", last, 1))
            yield from ((text, again) for _, text, again in messages)
            if len(messages) < WINDOW:
                return  # The queue was empty. Other clients may still be writing to it.

    def message(self) -> tuple[int, str, bool] | None:
        """Return the delivery tag, text and redelivered flag of a message, or None if the queue is empty."""
        kind, payload = self.receive()
        name = struct.unpack(">HH", payload[:4])
        if kind == METHOD and name == BASIC_GET_EMPTY:
            return None
        if kind != METHOD or name != BASIC_GET_OK:
            raise Failure(f"{self.stream.address} answers a get with method {name}: {payload[4:120]!r}")
        tag, again = struct.unpack(">QB", payload[4:13])
        size = struct.unpack(">Q", self.receive()[1][4:12])[0]
        body = b""
        while len(body) < size:
            body += self.receive()[1]
        return tag, body.decode(), bool(again & 1)
