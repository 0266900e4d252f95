"""Run the same call for many nodes at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

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
    # Shell completion imports this module. Importing the thread pool here keeps completion fast.
    from concurrent.futures import ThreadPoolExecutor

    work = list(items)
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(work)))) as pool:
        calls = [pool.submit(function, item) for item in work]
    return [call.result() for call in calls]
