"""Looking at a cluster for as long as somebody wants to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.cib_watcher import CibWatcher, watch_cib
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.status.changes import Change, changes
from pacemaker_os.status.values import State

#: Time between two feelings of the watcher, in seconds.
PACE = 1.0

#: After how long a look is taken all the same, in seconds: not everything is in the CIB (fencing).
AGAIN = 30.0


@dataclass(frozen=True, slots=True)
class Observation:
    """A look, and what happened since the one before; `trouble` is why the last look was not to be had."""

    state: State | None
    changes: tuple[Change, ...] = ()
    error: str = ""


def watch_state(cluster: Cluster, *, pause: Callable[[float], None] = time.sleep) -> Iterator[Observation]:
    """Yield a look at once, and another whenever the CIB has changed; for ever."""
    watcher = watch_cib(cluster)
    try:
        yield from _watch(cluster, watcher, pause)
    finally:
        watcher.close()


def _watch(cluster: Cluster, watcher: CibWatcher, pause: Callable[[float], None]) -> Iterator[Observation]:
    state, felt, when, trouble = None, "", 0.0, ""
    while True:
        try:
            now = watcher.poll()
            if now != felt or trouble or time.monotonic() - when > AGAIN:
                fresh = read_state(cluster, state)
                yield Observation(fresh, tuple(changes(state, fresh)) if state else ())
                state, felt, when, trouble = fresh, now, time.monotonic(), ""
        except (TransportError, ClusterError) as error:
            if state is None:
                # A look says better why there is nothing to be seen.
                read_state(cluster)
                raise
            if str(error) != trouble:
                trouble = str(error)
                yield Observation(state, (), trouble)
        pause(PACE)
