"""Draining a server in haproxy on this node, through its admin socket.

See "Unix Socket commands" in haproxy's management guide. The agent sets only the health of the server.
haproxy's own health check corrects that later, so nothing has to be undone.
"""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.network.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.deadline import Deadline

#: Valid characters in the name of a server, BACKEND/SERVER.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-/{}"


def drain_server(socket: str, server: str, deadline: Deadline) -> None:
    """Make haproxy close all sessions of `server` and open no new ones.

    Raises Failure if haproxy rejects that.
    """
    command = f"set server {server} health down; shutdown sessions server {server}\n"
    response = b""
    with Stream(socket, 0, deadline) as stream:
        stream.send(command.encode())
        while data := stream.some():
            response += data
    if response.strip():
        raise Failure(f"haproxy: {response.decode('utf-8', 'replace').strip()}")
