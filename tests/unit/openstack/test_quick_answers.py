"""oslo.messaging of 2025.1 looks for answers twice a second; with our module it looks at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pacemaker_os.openstack.services.rabbitmq_answers import FILES

#: What matters of oslo.messaging: how a reply is waited for.
SLEEPS = """\
import queue
import time
import oslo_messaging
from oslo_utils import timeutils

class ReplyWaiters:
    def __init__(self):
        self._queues = {}
    def get(self, msg_id, timeout):
        time.sleep(0.5)
        return "late"
"""

WAITS = SLEEPS.replace("time.sleep(0.5)", "timeutils.wait()")

STOPWATCH = """\
import time

class StopWatch:
    def __init__(self, duration):
        self.duration = duration
    def start(self):
        self.end = time.monotonic() + self.duration
    def expired(self):
        return time.monotonic() > self.end

def wait():
    pass
"""

#: An answer that comes while it is waited for, and one that never comes.
ASKS = """\
import queue, threading
import pacemaker_os_answers
from oslo_messaging._drivers.amqpdriver import ReplyWaiters
waiters = ReplyWaiters()
waiters._queues = {"a": queue.Queue(), "b": queue.Queue()}
threading.Timer(0.1, waiters._queues["a"].put, ("here",)).start()
print(waiters.get("a", 5))
try:
    print(waiters.get("b", 0.2))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of packages with our module."""
    for name in ("oslo_messaging/_drivers", "oslo_utils"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "oslo_messaging/__init__.py").write_text("class MessagingTimeout(Exception):\n    pass\n")
    (tmp_path / "oslo_messaging/_drivers/__init__.py").write_text("")
    (tmp_path / "oslo_utils/timeutils.py").write_text(STOPWATCH)
    for file in FILES:
        (tmp_path / Path(file.path).name).write_text(file.content or "")
    return tmp_path


def ask(packages: Path, driver: str) -> list[str]:
    (packages / "oslo_messaging/_drivers/amqpdriver.py").write_text(driver)
    line = [sys.executable, "-c", ASKS]
    return subprocess.run(line, cwd=packages, capture_output=True, text=True, check=True).stdout.splitlines()


def test_an_answer_is_seen_when_it_is_there(packages: Path) -> None:
    assert ask(packages, SLEEPS) == [
        "here",
        "MessagingTimeout Timed out waiting for a reply to message ID b",
    ]


def test_a_release_that_does_not_sleep_is_left_alone(packages: Path) -> None:
    assert ask(packages, WAITS) == ["late", "late"]


def test_python_loads_it_with_its_packages() -> None:
    pth = next(file for file in FILES if file.path.endswith(".pth"))
    assert pth.content == "import pacemaker_os_answers\n"
    assert {Path(file.path).parent for file in FILES} == {Path("/usr/lib/python3/dist-packages")}
