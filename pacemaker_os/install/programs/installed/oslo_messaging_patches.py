"""Patches for oslo.messaging's RabbitMQ driver, for behavior that it has no option for.

Every Python program of the host imports this module at its start (through a .pth file), so it does nothing
until the driver is imported, and imports little itself.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

#: First and longest pause between two looks for a reply, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.1


class LocalFirstRandom:
    """A replacement for the module `random` that moves the broker on this host to the front of a shuffle."""

    def __init__(self, random: ModuleType, address: str) -> None:
        self.random = random
        self.address = address

    def __getattr__(self, name: str) -> Any:
        return getattr(self.random, name)

    def shuffle(self, hosts: list[Any]) -> None:
        """Shuffle brokers, then move the local one to the front."""
        self.random.shuffle(hosts)
        hosts.sort(key=lambda host: host.hostname != self.address)


def wait_for_reply(self: Any, msg_id: str, timeout: float) -> Any:
    """Return the reply to a message: ReplyWaiters.get with pauses that start short and grow."""
    driver = sys.modules["oslo_messaging._drivers.amqpdriver"]
    pause, watch = FIRST_PAUSE, driver.timeutils.StopWatch(duration=timeout)
    watch.start()
    while not watch.expired():
        try:
            return self._queues[msg_id].get(block=False)
        except driver.queue.Empty:
            driver.time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
    raise driver.oslo_messaging.MessagingTimeout(f"Timed out waiting for a reply to message ID {msg_id}")


class Patches:
    """A finder for sys.meta_path that patches modules after they are imported."""

    def __init__(self, address: str, *, prefer_local_broker: bool, fast_rpc_replies: bool) -> None:
        self.address = address
        self.pending: dict[str, Any] = {}
        if prefer_local_broker:
            self.pending["oslo_messaging._drivers.impl_rabbit"] = self.prefer_local_broker
        if fast_rpc_replies:
            self.pending["oslo_messaging._drivers.amqpdriver"] = self.speed_up_replies

    def prefer_local_broker(self, module: Any) -> None:
        """Make clients connect to the broker on their own host first."""
        module.random = LocalFirstRandom(module.random, self.address)

    def speed_up_replies(self, module: Any) -> None:
        """Replace ReplyWaiters.get if it sleeps between two looks for a reply."""
        waiters = getattr(module, "ReplyWaiters", None)
        if waiters and "sleep" in waiters.get.__code__.co_names:
            waiters.get = wait_for_reply

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec of a module that is to be patched, None for all others."""
        if name not in self.pending:
            return None
        patch = self.pending.pop(name)
        from importlib.util import find_spec

        spec: Any = find_spec(name)
        if spec:
            load = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                load(module)
                patch(module)

            spec.loader.exec_module = exec_module
        return spec


def install(address: str, *, prefer_local_broker: bool, fast_rpc_replies: bool) -> None:
    """Patch the driver when it is imported; `address` is the one of this host."""
    patches: Any = Patches(
        address, prefer_local_broker=prefer_local_broker, fast_rpc_replies=fast_rpc_replies
    )
    sys.meta_path.insert(0, patches)
