"""With our module oslo.messaging asks the nearest broker first, and sees answers at once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, secrets

from pacemaker_os.openstack.render import wanted_host
from pacemaker_os.openstack.services.rabbitmq_clients import FILES, PACKAGES

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
import pacemaker_os_bus
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

#: How oslo.messaging takes its brokers, and what else it has `random` for.
SHUFFLES = """\
import random

class Host:
    def __init__(self, hostname):
        self.hostname = hostname

def connect():
    hosts = [Host("192.0.2.11"), Host("192.0.2.12"), Host("192.0.2.13")]
    random.shuffle(hosts)
    assert 1 <= random.uniform(1, 2) <= 2
    return [host.hostname for host in hosts]
"""

#: The brokers that a hundred connections try, each in its order.
CONNECTS = """\
import pacemaker_os_bus
from oslo_messaging._drivers.impl_rabbit import connect
for _ in range(100):
    print(*connect())
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of packages."""
    for name in ("oslo_messaging/_drivers", "oslo_utils"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "oslo_messaging/__init__.py").write_text("class MessagingTimeout(Exception):\n    pass\n")
    (tmp_path / "oslo_messaging/_drivers/__init__.py").write_text("")
    (tmp_path / "oslo_utils/timeutils.py").write_text(STOPWATCH)
    return tmp_path


def bring(packages: Path, host: str = "controller02", **settings: str) -> None:
    """Have our module in a folder of packages, as a host has it."""
    cloud = replace(CLOUDS["three-controllers"], settings=settings)
    (found,) = [each for each in cloud.hosts if each.name == host]
    for file in wanted_host(cloud, found, secrets(cloud)).files:
        if file.path.startswith(PACKAGES):
            (packages / Path(file.path).name).write_text(file.content.reveal())


def run(packages: Path, program: str, modules: Mapping[str, str]) -> list[str]:
    """What a program says that loads these modules of oslo.messaging's drivers."""
    for name, text in modules.items():
        (packages / f"oslo_messaging/_drivers/{name}.py").write_text(text)
    line = [sys.executable, "-c", program]
    return subprocess.run(line, cwd=packages, capture_output=True, text=True, check=True).stdout.splitlines()


def test_an_answer_is_seen_when_it_is_there(packages: Path) -> None:
    bring(packages, quick_answers="yes")
    assert run(packages, ASKS, {"amqpdriver": SLEEPS}) == [
        "here",
        "MessagingTimeout Timed out waiting for a reply to message ID b",
    ]


def test_a_release_that_does_not_sleep_is_left_alone(packages: Path) -> None:
    bring(packages, quick_answers="yes")
    assert run(packages, ASKS, {"amqpdriver": WAITS}) == ["late", "late"]


def test_answers_are_left_alone_where_that_is_chosen(packages: Path) -> None:
    bring(packages, quick_answers="no")
    assert run(packages, ASKS, {"amqpdriver": SLEEPS}) == ["late", "late"]


def test_a_controller_tries_its_own_broker_first_and_then_any(packages: Path) -> None:
    bring(packages)
    tried = Counter(run(packages, CONNECTS, {"impl_rabbit": SHUFFLES}))
    own, one, other = "192.0.2.12", "192.0.2.11", "192.0.2.13"
    assert set(tried) == {f"{own} {one} {other}", f"{own} {other} {one}"}


@pytest.mark.parametrize(
    ("host", "settings"), [("compute01", {}), ("controller02", {"nearest_broker": "no"})]
)
def test_who_has_no_broker_tries_any(packages: Path, host: str, settings: dict[str, str]) -> None:
    bring(packages, host, **settings)
    tried = run(packages, CONNECTS, {"impl_rabbit": SHUFFLES})
    assert len({line.split()[0] for line in tried}) == 3


def test_python_loads_it_with_its_packages() -> None:
    pth = next(file for file in FILES if file.path.endswith(".pth"))
    assert pth.content == "import pacemaker_os_bus\n"
    assert {Path(file.path).parent for file in FILES} == {Path("/usr/lib/python3/dist-packages")}
