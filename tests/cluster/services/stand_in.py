"""A service of OpenStack for tests: a page, a connection to a bus, and a file that says how it misbehaves.

python3 stand_in.py FOLDER: the page is on port 8099, the bus on 5699. The first word of FOLDER/mode: `error`
makes the page answer with status 500, `hang` makes it answer nothing, `deaf` ends the connection to the bus.
"""

from __future__ import annotations

import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE, BUS = 8099, 5699


def mode() -> str:
    """How it is to behave."""
    path = Path(sys.argv[1]) / "mode"
    return path.read_text().strip() if path.exists() else ""


class Page(BaseHTTPRequestHandler):
    """The health page."""

    def do_GET(self) -> None:
        if mode() == "hang":
            time.sleep(600)
        self.send_response(500 if mode() == "error" else 200)
        self.end_headers()


def main() -> None:
    """Serve until killed."""
    bus = socket.create_server(("127.0.0.1", BUS))
    worker = socket.create_connection(("127.0.0.1", BUS))
    broker, _ = bus.accept()
    server = ThreadingHTTPServer(("127.0.0.1", PAGE), Page)
    server.timeout = 0.2
    while True:
        server.handle_request()
        if mode() == "deaf":
            worker.close()
            broker.close()


if __name__ == "__main__":
    main()
