"""A headless Chromium, told what to do through two pipes (the DevTools protocol)."""

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

#: Where it may be, and what it is told at its start. Containers and root have no sandbox of its kind.
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,900")

#: The browser reads from descriptor 3 and writes to 4, whichever ours are. (A shell knows none above 9.)
BEGIN = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(word), fcntl.F_DUPFD, 10) for word in sys.argv[1:3]]
for number, mine in enumerate(ours, 3):
    os.dup2(mine, number)
os.execv(sys.argv[3], sys.argv[3:])
"""

#: Seconds that a page may take.
PATIENCE = 60.0


class Browser:
    """A browser with one page; `ask` sends a command of the protocol and returns its result."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._rest = b""
        self._number = 0
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        said: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        said |= {"sessionId": self._session} if self._session else {}
        os.write(self._write, json.dumps(said).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
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
        """Run JavaScript in the page and return what it comes to."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def open(self, address: str) -> None:
        """Go to an address, and wait until the page is there."""
        answer = self.ask("Page.navigate", url=address)
        assert "errorText" not in answer, f"{address}: {answer['errorText']}"
        self.wait("document.readyState == 'complete' && location.href != 'about:blank'", address)

    def wait(self, condition: str, what: str) -> None:
        """Wait until JavaScript comes to something true."""
        deadline = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < deadline, f"{what}: the page is {self.run('document.title')!r}"
            time.sleep(0.2)

    def picture(self, path: Path) -> None:
        """Write a picture of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def open_browser(folder: Path) -> Iterator[Browser]:
    """A browser whose profile is in `folder`, until the end of the block."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "there is no Chromium here (Debian: apt-get install chromium)"
    commands, write = os.pipe()
    read, answers = os.pipe()
    line = [sys.executable, "-c", BEGIN, str(commands), str(answers), program, *OPTIONS]
    line += ["--remote-debugging-pipe", f"--user-data-dir={folder}"]
    running = subprocess.Popen(
        line, pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(commands)
    os.close(answers)
    try:
        yield Browser(write, read)
    finally:
        running.kill()
        running.wait()
        os.close(write)
        os.close(read)
