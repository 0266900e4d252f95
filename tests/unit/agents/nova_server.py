"""The simulated cloud behind an HTTP server, in real time, for processes that are killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nova_fake import Cloud

from pacemaker_os.agents.nova_evacuate.nova.session import Request


@contextmanager
def serve(cloud: Cloud, *, speed: float = 1.0) -> Iterator[int]:
    """Serve the cloud on a local port, with its clock running `speed` times as fast as real time."""
    lock, begin = threading.Lock(), time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"{cloud.url}{self.path}"
            request = Request(self.command, url, dict(self.headers.items()), body, 20.0)
            with lock:
                cloud.sleep(max(0.0, (time.monotonic() - begin) * speed - cloud.now))
                fault = cloud.fault(request)
                answer = None if fault in ("reset", "refused") else cloud.answer(request)
            if answer is None or fault == "reset done":
                self.connection.close()
                return
            with suppress(BrokenPipeError, ConnectionResetError):  # the client was killed
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815  # http.server's own names

        def log_message(self, *_: object) -> None:
            """Do not log requests to the output of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
