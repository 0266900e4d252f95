"""The time that an operation has left, and waiting within it."""

from __future__ import annotations

import time

from pacemaker_os.ocf.codes import TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: Maximum time, in seconds, that an agent ends before Pacemaker would kill it, to be able to give its exit
#: reason.
RESERVE = 3.0


class Deadline:
    """The moment at which an operation must end.

    `sleep` is the only function with which an agent sleeps. Tests replace it, and the clock, by their own.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._end = clock() + seconds - min(RESERVE, seconds / 10)

    @property
    def now(self) -> float:
        """The time of the deadline's clock, in seconds since boot."""
        return self._clock()

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock())

    def at_most(self, seconds: float) -> float:
        """Return `seconds`, or the time left if that is less."""
        return min(seconds, self.left)

    def part(self, fraction: float) -> Deadline:
        """Return a deadline for the given `fraction` of the time left."""
        part = Deadline(0, clock=self._clock, sleep=self._sleep)
        part._end = self._clock() + self.left * fraction
        return part

    def within(self, seconds: float) -> Deadline:
        """Return a deadline `seconds` from now, but never later than this one."""
        part = Deadline(0, clock=self._clock, sleep=self._sleep)
        part._end = self._clock() + self.at_most(seconds)
        return part

    def try_wait(self, condition: Callable[[], bool], *, every: float = 0.1) -> bool:
        """Wait until `condition` is true. Return False if the deadline passes first."""
        while not condition():
            if not self.left:
                return False
            self._sleep(min(every, self.left))
        return True

    def wait(self, what: str, condition: Callable[[], bool], *, every: float = 0.1) -> None:
        """Wait until `condition` is true. Raises TimedOut, which names `what` was waited for."""
        begin = self._clock()
        if not self.try_wait(condition, every=every):
            raise TimedOut(f"timed out after {self._clock() - begin:.0f} s waiting for {what}")
