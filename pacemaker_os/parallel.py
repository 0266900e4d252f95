"""Run the same call for many nodes at the same time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Generic, TypeVar

#: Maximum number of calls that run at the same time.
WORKERS = 16

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")


def run_parallel(
    function: Callable[[_Item], _Value], items: Iterable[_Item], *, workers: int = WORKERS
) -> list[_Value]:
    """Return the results of `function` for each item, in the order of the items.

    All calls are finished before an exception is raised: that of the first item whose call failed.
    """
    calls = [_Call(function, item) for item in items]
    waiting = deque(calls)
    # A pool of concurrent.futures is slower to import than most calls take.
    threads = [Thread(target=_run_all, args=(waiting,)) for _ in range(min(workers, len(calls)) - 1)]
    for thread in threads:
        thread.start()
    try:
        _run_all(waiting)
    finally:
        # After an interrupt, no further call starts.
        waiting.clear()
        for thread in threads:
            thread.join()
    return [call.result() for call in calls]


class _Call(Generic[_Item, _Value]):
    """A call and its result, or the exception that it raised."""

    def __init__(self, function: Callable[[_Item], _Value], item: _Item) -> None:
        self._function = function
        self._item = item
        self._values: list[_Value] = []
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._values.append(self._function(self._item))
        except Exception as error:
            self._error = error

    def result(self) -> _Value:
        if self._error is not None:
            raise self._error
        return self._values[0]


def _run_all(waiting: deque[_Call[_Item, _Value]]) -> None:
    """Run the waiting calls, which several threads share."""
    while True:
        try:
            call = waiting.popleft()
        except IndexError:
            return
        call.run()
