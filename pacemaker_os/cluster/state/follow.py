"""Looking at a cluster for as long as somebody wants to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pacemaker_os.cluster.cluster import Cluster
from pacemaker_os.cluster.state.changes import Change, changes
from pacemaker_os.cluster.state.look import look
from pacemaker_os.cluster.state.pulse import Pulse, pulse_of
from pacemaker_os.cluster.state.values import State
from pacemaker_os.errors import ClusterError, TransportError

#: Time between two feelings of the pulse, in seconds.
PACE = 1.0

#: After how long a look is taken all the same, in seconds: not everything is in the CIB (fencing).
AGAIN = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A look, and what happened since the one before; `trouble` is why the last look was not to be had."""

    state: State | None
    news: tuple[Change, ...] = ()
    trouble: str = ""


def follow(cluster: Cluster, *, pause: Callable[[float], None] = time.sleep) -> Iterator[Seen]:
    """Yield a look at once, and another whenever the CIB has changed; for ever."""
    pulse = pulse_of(cluster)
    try:
        yield from _follow(cluster, pulse, pause)
    finally:
        pulse.close()


def _follow(cluster: Cluster, pulse: Pulse, pause: Callable[[float], None]) -> Iterator[Seen]:
    state, felt, when, trouble = None, "", 0.0, ""
    while True:
        try:
            now = pulse.feel()
            if now != felt or trouble or time.monotonic() - when > AGAIN:
                fresh = look(cluster, state)
                yield Seen(fresh, tuple(changes(state, fresh)) if state else ())
                state, felt, when, trouble = fresh, now, time.monotonic(), ""
        except (TransportError, ClusterError) as error:
            if state is None:
                # A look says better why there is nothing to be seen.
                look(cluster)
                raise
            if str(error) != trouble:
                trouble = str(error)
                yield Seen(state, (), trouble)
        pause(PACE)
