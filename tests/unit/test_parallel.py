"""Calls that run in parallel for many nodes."""

from __future__ import annotations

from threading import Barrier

import pytest

from pacemaker_os.parallel import run_parallel


def test_run_parallel_returns_results_in_the_order_of_the_items() -> None:
    together = Barrier(3, timeout=10)

    def double(number: int) -> int:
        together.wait()
        return 2 * number

    assert run_parallel(double, [3, 1, 2]) == [6, 2, 4]


def test_run_parallel_without_items_returns_nothing() -> None:
    assert run_parallel(str, []) == []


def test_run_parallel_raises_the_first_error_after_all_calls_have_ended() -> None:
    ended = []

    def fail(name: str) -> None:
        ended.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="n1"):
        run_parallel(fail, ["n1", "n2"])
    assert sorted(ended) == ["n1", "n2"]
