"""Answers of the message bus as soon as they are there.

oslo.messaging of 2025.1 looks for an answer, and sleeps for half a second when there is none yet: every
question of one service to another takes that long, and starting an instance, or evacuating it, some seconds
(four times as long as without). It has no option for that. So a module that Python loads with its packages
has those looks follow each other faster: after 5 ms, and then more and more rarely, down to ten times a
second. With a release that does not sleep there it changes nothing.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File

PACKAGES = "/usr/lib/python3/dist-packages"

#: Run by every Python program at its start, so it only waits for the one module.
MODULE = '''\
# Has oslo.messaging see answers of the message bus when they are there, and not every half second.
import sys

NAME = "oslo_messaging._drivers.amqpdriver"
FIRST, LONGEST = 0.005, 0.1


def get(self, msg_id, timeout):
    """The answer to a message; ReplyWaiters.get, but that its pauses begin with a short one."""
    module = sys.modules[NAME]
    pause, watch = FIRST, module.timeutils.StopWatch(duration=timeout)
    watch.start()
    while not watch.expired():
        try:
            return self._queues[msg_id].get(block=False)
        except module.queue.Empty:
            module.time.sleep(pause)
            pause = min(pause * 1.5, LONGEST)
    raise module.oslo_messaging.MessagingTimeout(f"Timed out waiting for a reply to message ID {msg_id}")


def change(module):
    waiters = getattr(module, "ReplyWaiters", None)
    if waiters and "sleep" in waiters.get.__code__.co_names:
        waiters.get = get


class Finder:
    """Has others find the module, and changes it when it is loaded."""

    def find_spec(self, name, path=None, target=None):
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                change(module)

            spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
'''

CHOSEN = {"quick_answers": "yes"}

HOSTS = ("controller", "network", "compute", "storage")

FILES = (
    File(
        path=f"{PACKAGES}/pacemaker_os_answers.py",
        content=MODULE,
        roles=HOSTS,
        families=("debian",),
        where=CHOSEN,
    ),
    File(
        path=f"{PACKAGES}/pacemaker_os_answers.pth",
        content="import pacemaker_os_answers\n",
        roles=HOSTS,
        families=("debian",),
        where=CHOSEN,
    ),
)
