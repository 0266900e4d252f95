"""Client for MongoDB's wire protocol: one command as an OP_MSG, one response."""

from __future__ import annotations

import struct

from pacemaker_os.agents.mongodb import bson
from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pacemaker_os.ocf.deadline import Deadline

OP_MSG = 2013
#: Maximum size of a response, in bytes.
MAX_RESPONSE = 16 * 1024 * 1024


def command(host: str, port: int, document: Mapping[str, object], deadline: Deadline) -> dict[str, object]:
    """Run a command of the admin database, without authentication, and return the response.

    Raises Refused, TimedOut, or Failure if the response is invalid. The response to a failed command has `ok`
    0.
    """
    body = struct.pack("<IB", 0, 0) + bson.encode({**document, "$db": "admin"})
    with Stream(host, port, deadline) as stream:
        stream.send(struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body)
        size, _, _, kind = struct.unpack("<iiii", stream.exactly(16))
        if kind != OP_MSG or not 21 < size < MAX_RESPONSE:
            raise Failure(f"the response of {stream.address} is not from MongoDB")
        response = stream.exactly(size - 16)
    try:
        return bson.decode(response[5:])
    except ValueError as error:
        raise Failure(f"invalid response from {stream.address}: {error}") from None
