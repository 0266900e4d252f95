"""Asking a MongoDB: one command as an OP_MSG, one answer (MongoDB wire protocol, "OP_MSG")."""

from __future__ import annotations

import struct

from pacemaker_os.agents.mongodb import bson
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacemaker_os.ocf.deadline import Deadline

OP_MSG = 2013
#: An answer to an administrative command is never as long, in bytes.
LONGEST = 16 * 1024 * 1024


def command(host: str, port: int, words: Mapping[str, object], deadline: Deadline) -> dict[str, object]:
    """Run a command of the admin database, on a connection without login.

    Raises Refused, TimedOut, and Failure for an answer that is none. A command that failed is an answer:
    `ok` is 0 then.
    """
    body = struct.pack("<IB", 0, 0) + bson.encode({**words, "$db": "admin"})
    with Stream(host, port, deadline) as stream:
        stream.send(struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body)
        size, _, _, kind = struct.unpack("<iiii", stream.exactly(16))
        if kind != OP_MSG or not 21 < size < LONGEST:
            raise Failure(f"{stream.address} does not speak MongoDB's protocol")
        answer = stream.exactly(size - 16)
    try:
        return bson.decode(answer[5:])
    except ValueError as error:
        raise Failure(f"{stream.address} answers with {error}") from None
