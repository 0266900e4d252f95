"""How long work tells where it is: steps that begin and end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


def _silent(_text: str, _seconds: float | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Calls `tell(text, None)` when a step begins and `tell(text, seconds)` when it has ended well."""

    tell: Callable[[str, float | None], None] = _silent

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Tell of the step `text`; a step that fails is told by its error, not here."""
        begin = time.monotonic()
        self.tell(text, None)
        yield
        self.tell(text, time.monotonic() - begin)
