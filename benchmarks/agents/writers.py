"""Writing all the time, to every node, and remembering what was acknowledged."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

from benchmarks.agents.check import losses
from benchmarks.agents.clients import CLIENTS, Client
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab
from pacemaker_os.ocf.codes import Failure

#: Seconds between two writes of one writer, and after one that failed.
PACE, AFTER_FAILURE = 0.05, 0.2


class Writer(threading.Thread):
    """Writes numbered values through one node for as long as it may, and keeps which were acknowledged."""

    def __init__(self, node: str, client: Client, first: str) -> None:
        super().__init__(daemon=True)
        self.node, self.client, self.first = node, client, first
        self.attempted: list[str] = []
        self.finished: list[str] = []
        self.acknowledged: list[str] = []
        self.moments: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.over.wait(PACE):
            value = f"{self.first}{self.node}-{number}"
            number += 1
            self.attempted.append(value)
            try:
                self.client.write(value)
            except Exception:  # whatever it was, this write is not acknowledged
                self.over.wait(AFTER_FAILURE)
            else:
                self.acknowledged.append(value)
                self.moments.append(time.monotonic())
            self.finished.append(value)


class Writers:
    """A writer for every node, and the judge of what they wrote. Leaving the context ends them."""

    def __init__(self, lab: Lab, name: str) -> None:
        for argv in SERVICES[name].on_one:
            lab.node(lab.nodes[0]).run(argv, ok=())
        self.clients: dict[str, Client] = {node: CLIENTS[name](lab.addresses[node]) for node in lab.nodes}
        # What an earlier run wrote to the same place is not ours to judge.
        self.first = f"{time.time_ns() // 1_000_000:x}-"
        self.clients[lab.nodes[0]].prepare()
        self.writers = [Writer(node, client, self.first) for node, client in self.clients.items()]

    def __enter__(self) -> Writers:
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Write no more."""
        for writer in self.writers:
            writer.over.set()
        for writer in self.writers:
            writer.join()

    def answered(self) -> bool:
        """Whether every node answers. Pacemaker may not have noticed yet that one does not."""
        for client in self.clients.values():
            try:
                client.ask()
            except Failure:
                return False
        return True

    @property
    def acknowledged(self) -> int:
        """How many writes were acknowledged."""
        return sum(len(writer.acknowledged) for writer in self.writers)

    def outage(self, since: float) -> float:
        """The longest time after `since` (of time.monotonic) in which nothing was acknowledged anywhere."""
        moments = sorted(moment for writer in self.writers for moment in list(writer.moments))
        seen = [since, *(moment for moment in moments if moment > since), time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(seen))

    def judge(self) -> list[str]:
        """Read everything back from every node; what is wrong, as sentences.

        Nodes are read one after the other while writing may go on: what was under way then does not count.
        """
        acknowledged = {value for writer in self.writers for value in list(writer.acknowledged)}
        finished = {value for writer in self.writers for value in list(writer.finished)}
        held = {node: client.read() for node, client in self.clients.items()}
        attempted = {value for writer in self.writers for value in list(writer.attempted)}
        counted = {
            node: [v for v in values if v.startswith(self.first) and (v in finished or v not in attempted)]
            for node, values in held.items()
        }
        return list(losses(acknowledged, attempted, counted))
