"""haproxy on this node, told over its admin socket that a server is about to end.

See "Unix Socket commands" in haproxy's management guide. What is told is the server's health, which haproxy's
own check corrects when it finds otherwise: nothing has to be taken back.
"""

from __future__ import annotations

from pacemaker_os.ocf.codes import Failure
from pacemaker_os.ocf.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pacemaker_os.ocf.deadline import Deadline

#: What names a server: BACKEND/SERVER.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-/{}"


def drain_server(socket: str, server: str, deadline: Deadline) -> None:
    """Have haproxy end all sessions with `server` and open no more. Raises Failure, as when it refuses."""
    words = f"set server {server} health down; shutdown sessions server {server}\n"
    answer = b""
    with Stream(socket, 0, deadline) as stream:
        stream.send(words.encode())
        while said := stream.some():
            answer += said
    if answer.strip():
        raise Failure(f"haproxy answers: {answer.decode('utf-8', 'replace').strip()}")
