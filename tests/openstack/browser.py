"""A headless Chromium, controlled through two pipes with the DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Program names and options. The sandbox of Chromium does not work for root and in containers.
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,900")

#: Starts the browser, which reads from descriptor 3 and writes to 4. Shells support descriptors up to 9 only.
LAUNCHER = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]
for number, pipe in enumerate(pipes, 3):
    os.dup2(pipe, number)
os.execv(sys.argv[3], sys.argv[3:])
"""

#: Timeout for a page to load, in seconds.
TIMEOUT = 60.0


class Browser:
    """A browser with one page; `request` sends a protocol command and returns its result."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._rest = b""
        self._number = 0
        self._session = ""
        target = self.request("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.request("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def request(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        command: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        command |= {"sessionId": self._session} if self._session else {}
        os.write(self._write, json.dumps(command).encode() + b"\0")
        while True:
            response = self._next()
            if response.get("id") == self._number:
                assert "error" not in response, response["error"]
                result: dict[str, Any] = response["result"]
                return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._read, 1 << 20)
            assert data, "the browser ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def run(self, script: str) -> Any:
        """Run JavaScript in the page and return its value."""
        return self.request("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def open(self, address: str) -> None:
        """Open an address, and wait until the page is loaded."""
        response = self.request("Page.navigate", url=address)
        assert "errorText" not in response, f"{address}: {response['errorText']}"
        self.wait("document.readyState == 'complete' && location.href != 'about:blank'", address)

    def wait(self, condition: str, what: str) -> None:
        """Wait until a JavaScript condition is true."""
        deadline = time.monotonic() + TIMEOUT
        while not self.run(condition):
            assert time.monotonic() < deadline, f"{what}: the page is {self.run('document.title')!r}"
            time.sleep(0.2)

    def picture(self, path: Path) -> None:
        """Save a screenshot of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.request("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """Run a browser with its profile in this directory."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "Chromium is not installed (Debian: apt-get install chromium)"
    commands, write = os.pipe()
    read, responses = os.pipe()
    argv = [sys.executable, "-c", LAUNCHER, str(commands), str(responses), program, *OPTIONS]
    argv += ["--remote-debugging-pipe", f"--user-data-dir={profile}"]
    running = subprocess.Popen(
        argv, pass_fds=(commands, responses), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(commands)
    os.close(responses)
    try:
        yield Browser(write, read)
    finally:
        running.kill()
        running.wait()
        os.close(write)
        os.close(read)
