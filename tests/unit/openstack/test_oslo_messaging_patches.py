"""The patches of oslo.messaging: clients prefer the local broker and receive replies without delay."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from clouds import CLOUDS, desired

from pacemaker_os.openstack.parts.oslo_messaging import FILES, PACKAGES

#: A model of oslo.messaging: how it waits for a reply.
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

#: A reply that arrives during the wait, and one that never arrives.
CALLS = """\
import queue, threading
import site
site.addsitedir(".")
from oslo_messaging._drivers.amqpdriver import ReplyWaiters
waiters = ReplyWaiters()
waiters._queues = {"a": queue.Queue(), "b": queue.Queue()}
threading.Timer(0.1, waiters._queues["a"].put, ("reply",)).start()
print(waiters.get("a", 5))
try:
    print(waiters.get("b", 0.2))
except Exception as error:
    print(type(error).__name__, error)
"""

#: A model of how oslo.messaging shuffles its brokers, and of its other use of `random`.
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

#: The brokers that a hundred connections try, in order.
CONNECTS = """\
import site
site.addsitedir(".")
from oslo_messaging._drivers.impl_rabbit import connect
for _ in range(100):
    print(*connect())
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Return a directory with a model of oslo.messaging."""
    for name in ("oslo_messaging/_drivers", "oslo_utils"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "oslo_messaging/__init__.py").write_text("class MessagingTimeout(Exception):\n    pass\n")
    (tmp_path / "oslo_messaging/_drivers/__init__.py").write_text("")
    (tmp_path / "oslo_utils/timeutils.py").write_text(STOPWATCH)
    return tmp_path


def install(packages: Path, host: str = "controller02", **settings: str) -> None:
    """Install the patches in a directory of packages, as on a host."""
    cloud = replace(CLOUDS["three-controllers"], settings=settings)
    (found,) = [each for each in cloud.hosts if each.name == host]
    for file in desired(cloud, found).files:
        if file.path.startswith(PACKAGES):
            (packages / Path(file.path).name).write_text(file.content.reveal())


def run(packages: Path, program: str, modules: Mapping[str, str]) -> list[str]:
    """Return the output of a program that imports these driver modules of oslo.messaging."""
    for name, text in modules.items():
        (packages / f"oslo_messaging/_drivers/{name}.py").write_text(text)
    line = [sys.executable, "-c", program]
    return subprocess.run(line, cwd=packages, capture_output=True, text=True, check=True).stdout.splitlines()


def test_fast_replies_deliver_a_reply_when_it_arrives(packages: Path) -> None:
    install(packages, fast_rpc_replies="yes")
    assert run(packages, CALLS, {"amqpdriver": SLEEPS}) == [
        "reply",
        "MessagingTimeout Timed out waiting for a reply to message ID b",
    ]


def test_fast_replies_leave_releases_without_sleep_unchanged(packages: Path) -> None:
    install(packages, fast_rpc_replies="yes")
    assert run(packages, CALLS, {"amqpdriver": WAITS}) == ["late", "late"]


def test_fast_replies_disabled_leaves_driver_unchanged(packages: Path) -> None:
    install(packages, fast_rpc_replies="no")
    assert run(packages, CALLS, {"amqpdriver": SLEEPS}) == ["late", "late"]


def test_local_broker_is_tried_first_on_a_controller(packages: Path) -> None:
    install(packages)
    tried = Counter(run(packages, CONNECTS, {"impl_rabbit": SHUFFLES}))
    own, one, other = "192.0.2.12", "192.0.2.11", "192.0.2.13"
    assert set(tried) == {f"{own} {one} {other}", f"{own} {other} {one}"}


@pytest.mark.parametrize(
    ("host", "settings"), [("compute01", {}), ("controller02", {"prefer_local_broker": "no"})]
)
def test_local_broker_without_one_or_disabled_shuffles(
    packages: Path, host: str, settings: dict[str, str]
) -> None:
    install(packages, host, **settings)
    tried = run(packages, CONNECTS, {"impl_rabbit": SHUFFLES})
    assert len({line.split()[0] for line in tried}) == 3


def test_patches_are_loaded_from_the_packages_directory() -> None:
    pth = next(file for file in FILES if file.path.endswith(".pth"))
    assert pth.content is not None
    assert pth.content.startswith("import pacemaker_os_bus;")
    assert pth.content.count("\n") == 1, "Python executes lines of a .pth file one by one"
    assert {str(Path(file.path).parent) for file in FILES} == {PACKAGES}


def test_patches_import_no_other_module(packages: Path) -> None:
    install(packages)
    code = "import sys; before = set(sys.modules); import pacemaker_os_bus; print(*set(sys.modules) - before)"
    (output,) = run(packages, code, {})
    assert set(output.split()) == {"pacemaker_os_bus", "__future__"}
