"""What clients of the message bus do otherwise than oslo.messaging has them, for which it has no option.

A module that Python loads with its packages waits until oslo.messaging is loaded, and changes two things:

- Each process takes its brokers in a random order, so that it has some broker or other. When that ends, or
  when its node loses its power, everybody has to find another one at the very moment at which the brokers
  have most to do, and who lost a question waits. Services of a controller try the broker beside them first:
  with a node those end that have its broker, and no others. The other brokers stay behind it.
- 2025.1 looks for an answer, and sleeps for half a second when there is none yet: every question of one
  service to another takes that long, and starting an instance, or evacuating it, some seconds (four times
  as long as without). Those looks follow each other faster: after 5 ms, and then more and more rarely, down
  to ten times a second. With a release that does not sleep there it changes nothing.
"""

from __future__ import annotations

from pacemaker_os.openstack.service import File

PACKAGES = "/usr/lib/python3/dist-packages"

#: Run by every Python program at its start, so it only waits for the modules that it changes.
MODULE = '''\
# Changes oslo.messaging's driver of RabbitMQ where it has no option for that.
import sys

OWN = "{{ host.address }}"
FIRST, LONGEST = 0.005, 0.1


class NearestFirst:
    """The module `random`, but that shuffled brokers begin with the one on this host."""

    def __init__(self, random):
        self.random = random

    def __getattr__(self, name):
        return getattr(self.random, name)

    def shuffle(self, hosts):
        self.random.shuffle(hosts)
        hosts.sort(key=lambda host: host.hostname != OWN)


def nearest_broker(module):
    """Has clients of the message bus try the broker on their own host first."""
    module.random = NearestFirst(module.random)


def quick_answers(module):
    """Has answers seen when they are there, and not every half second."""
    waiters = getattr(module, "ReplyWaiters", None)
    if waiters and "sleep" in waiters.get.__code__.co_names:
        waiters.get = get


def get(self, msg_id, timeout):
    """The answer to a message; ReplyWaiters.get, but that its pauses begin with a short one."""
    module = sys.modules["oslo_messaging._drivers.amqpdriver"]
    pause, watch = FIRST, module.timeutils.StopWatch(duration=timeout)
    watch.start()
    while not watch.expired():
        try:
            return self._queues[msg_id].get(block=False)
        except module.queue.Empty:
            module.time.sleep(pause)
            pause = min(pause * 1.5, LONGEST)
    raise module.oslo_messaging.MessagingTimeout(f"Timed out waiting for a reply to message ID {msg_id}")


CHANGES = {
{% if setting('nearest_broker') == 'yes' %}
    "oslo_messaging._drivers.impl_rabbit": nearest_broker,
{% endif %}
{% if setting('quick_answers') == 'yes' %}
    "oslo_messaging._drivers.amqpdriver": quick_answers,
{% endif %}
}


class Finder:
    """Has others find a module, and changes it when it is loaded."""

    def find_spec(self, name, path=None, target=None):
        if name not in CHANGES:
            return None
        change = CHANGES.pop(name)
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

HOSTS = ("controller", "network", "compute", "storage")

FILES = (
    File(
        path=f"{PACKAGES}/pacemaker_os_bus.py",
        content=MODULE,
        roles=HOSTS,
        families=("debian",),
    ),
    File(
        path=f"{PACKAGES}/pacemaker_os_bus.pth",
        content="import pacemaker_os_bus\n",
        roles=HOSTS,
        families=("debian",),
    ),
)
