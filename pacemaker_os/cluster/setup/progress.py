"""Progress of a setup, reported step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pacemaker_os.dataclass import dataclass


def _ignore(_text: str, _seconds: float | None) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Calls `on_step(text, None)` when a step begins, and `on_step(text, seconds)` when it has succeeded."""

    on_step: Callable[[str, float | None], None] = _ignore

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Report the step `text`. A failed step is reported by its exception only."""
        begin = time.monotonic()
        self.on_step(text, None)
        yield
        self.on_step(text, time.monotonic() - begin)
