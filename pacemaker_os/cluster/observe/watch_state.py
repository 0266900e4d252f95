"""Watch the state of a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.observe.cib_watcher import CibWatcher, watch_cib
from pacemaker_os.cluster.observe.read_state import read_state
from pacemaker_os.dataclass import dataclass
from pacemaker_os.errors import ClusterError, TransportError
from pacemaker_os.status.changes import Change, changes
from pacemaker_os.status.values import State

#: Time between two polls of the CIB, in seconds.
INTERVAL = 1.0

#: Time after which the state is read even if the CIB is unchanged, in seconds: the CIB lacks fencing events.
REFRESH_INTERVAL = 30.0


@dataclass(frozen=True, slots=True)
class Observation:
    """A state, and the changes since the previous one; `error` is why the state could not be read again."""

    state: State | None
    changes: tuple[Change, ...] = ()
    error: str = ""


def watch_state(cluster: Cluster, *, pause: Callable[[float], None] = time.sleep) -> Iterator[Observation]:
    """Yield the state immediately, and again whenever the CIB changes. The iteration never ends."""
    watcher = watch_cib(cluster)
    try:
        yield from _watch(cluster, watcher, pause)
    finally:
        watcher.close()


def _watch(cluster: Cluster, watcher: CibWatcher, pause: Callable[[float], None]) -> Iterator[Observation]:
    state, version, when, error_text = None, "", 0.0, ""
    # The last state that a designated controller confirmed.
    known: State | None = None
    while True:
        try:
            current = watcher.poll()
            overdue = time.monotonic() - when > REFRESH_INTERVAL
            if current != version or error_text or overdue:
                fresh = read_state(cluster, state)
                yield Observation(fresh, tuple(_events(known, state, fresh)))
                state, version, when, error_text = fresh, current, time.monotonic(), ""
                known = fresh if known is None or fresh.dc or not fresh.live else known
        except (TransportError, ClusterError) as error:
            if state is None:
                # Reading the state gives a more specific error.
                read_state(cluster)
                raise
            if str(error) != error_text:
                error_text = str(error)
                yield Observation(state, (), error_text)
        pause(INTERVAL)


def _events(known: State | None, last: State | None, fresh: State) -> Iterator[Change]:
    """Yield the events since the last known state; the loss of the designated controller is one of them."""
    if known is None or last is None:
        return
    if fresh.live and not fresh.dc and not last.dc:
        return
    yield from changes(known, fresh)
