"""Write continuously to every node, and record the acknowledged writes."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

from benchmarks.agents.check import losses
from benchmarks.agents.clients import CLIENTS, Client
from benchmarks.agents.services import SERVICES
from benchmarks.agents.settle import Lab
from pacemaker_os.ocf.codes import Failure

#: Time between two writes of a writer, and after a failed write, in seconds.
PACE, AFTER_FAILURE = 0.05, 0.2


class Writer(threading.Thread):
    """Writes numbered values through one node, and records which were acknowledged."""

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
            except Exception:  # after any error, the write is not acknowledged
                self.over.wait(AFTER_FAILURE)
            else:
                self.acknowledged.append(value)
                self.moments.append(time.monotonic())
            self.finished.append(value)


class Writers:
    """A writer for every node, and the comparison of their writes. Leaving the context stops the writers."""

    def __init__(self, lab: Lab, name: str) -> None:
        for argv in SERVICES[name].on_one:
            lab.node(lab.nodes[0]).run(argv, ok=())
        self.clients: dict[str, Client] = {node: CLIENTS[name](lab.addresses[node]) for node in lab.nodes}
        # Values of earlier runs in the same table or queue are ignored.
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
        """Stop the writers."""
        for writer in self.writers:
            writer.over.set()
        for writer in self.writers:
            writer.join()

    def answered(self) -> bool:
        """Return whether every node responds. Pacemaker may not yet have detected a failure."""
        for client in self.clients.values():
            try:
                client.ask()
            except Failure:
                return False
        return True

    @property
    def acknowledged(self) -> int:
        """Return the number of acknowledged writes."""
        return sum(len(writer.acknowledged) for writer in self.writers)

    def outage(self, since: float) -> float:
        """Return the longest time without an acknowledged write after `since` (time.monotonic)."""
        moments = sorted(moment for writer in self.writers for moment in list(writer.moments))
        seen = [since, *(moment for moment in moments if moment > since), time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(seen))

    def problems(self) -> list[str]:
        """Read all values from every node; return the problems as sentences.

        The nodes are read one after the other, possibly during writes. Unfinished writes do not count.
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
