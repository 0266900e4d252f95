"""What a program writes in its last moment is not lost."""

from __future__ import annotations

import selectors
import time

import pytest

from pacemaker_os.transport import process
from pacemaker_os.transport.local import LocalTransport


class Late(selectors.DefaultSelector):
    """A selector whose waiting always ends before anything is written."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            time.sleep(timeout)
            return []
        return super().select(0)


def test_output_between_the_last_look_and_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.selectors, "DefaultSelector", Late)
    assert LocalTransport().run(["echo", "all of it"]).text == "all of it\n"
