"""A fake OpenStack service for tests, with a health endpoint, a broker connection, and injectable faults.

`python3 stand_in.py DIRECTORY` listens for health checks on port 8099, and for the broker connection on port
5699. The file DIRECTORY/mode injects a fault: `error` makes the health endpoint respond with status 500,
`hang` makes it not respond, and `disconnect` closes the broker connection.
"""

from __future__ import annotations

import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HEALTH, BROKER = 8099, 5699


def mode() -> str:
    """Return the injected fault."""
    path = Path(sys.argv[1]) / "mode"
    return path.read_text().strip() if path.exists() else ""


class HealthEndpoint(BaseHTTPRequestHandler):
    """The health endpoint."""

    def do_GET(self) -> None:
        if mode() == "hang":
            time.sleep(600)
        self.send_response(500 if mode() == "error" else 200)
        self.end_headers()


def main() -> None:
    """Serve until killed."""
    listener = socket.create_server(("127.0.0.1", BROKER))
    worker = socket.create_connection(("127.0.0.1", BROKER))
    broker, _ = listener.accept()
    server = ThreadingHTTPServer(("127.0.0.1", HEALTH), HealthEndpoint)
    server.timeout = 0.2
    while True:
        server.handle_request()
        if mode() == "disconnect":
            worker.close()
            broker.close()


if __name__ == "__main__":
    main()
