"""Output that a process writes just before it ends."""

from __future__ import annotations

import selectors
import time

import pytest

from pacemaker_os.transport import process
from pacemaker_os.transport.local import LocalTransport


class LateSelector(selectors.DefaultSelector):
    """A selector whose wait always ends before output is available."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            time.sleep(timeout)
            return []
        return super().select(0)


def test_run_process_reads_output_after_the_last_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.selectors, "DefaultSelector", LateSelector)
    assert LocalTransport().run(["echo", "complete"]).text == "complete\n"
