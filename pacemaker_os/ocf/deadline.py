"""How much time an operation has left, and waiting within it."""

from __future__ import annotations

import time

from pacemaker_os.ocf.codes import TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: The agent ends this long before Pacemaker would kill it, so that its reason is heard: seconds at most.
RESERVE = 3.0


class Deadline:
    """The moment at which an operation must have answered.

    `sleep` is the only place where an agent sleeps; tests give one that turns a clock instead.
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
        """Seconds by the clock that this deadline goes by; it begins anew when the machine does."""
        return self._clock()

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - self._clock())

    def at_most(self, seconds: float) -> float:
        """`seconds`, or what is left when that is less."""
        return min(seconds, self.left)

    def part(self, fraction: float) -> Deadline:
        """A deadline that ends when `fraction` of the time left is over."""
        part = Deadline(0, clock=self._clock, sleep=self._sleep)
        part._end = self._clock() + self.left * fraction
        return part

    def within(self, seconds: float) -> Deadline:
        """A deadline `seconds` from now, and never later than this one."""
        part = Deadline(0, clock=self._clock, sleep=self._sleep)
        part._end = self._clock() + self.at_most(seconds)
        return part

    def try_wait(self, condition: Callable[[], bool], *, every: float = 0.1) -> bool:
        """Ask `condition` until it is true (True) or the time is over (False)."""
        while not condition():
            if not self.left:
                return False
            self._sleep(min(every, self.left))
        return True

    def wait(self, what: str, condition: Callable[[], bool], *, every: float = 0.1) -> None:
        """Ask `condition` until it is true. Raises TimedOut, naming `what` was waited for."""
        begin = self._clock()
        if not self.try_wait(condition, every=every):
            raise TimedOut(f"waited {self._clock() - begin:.0f} s for {what}")
