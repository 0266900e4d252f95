"""Fixtures for applies on a simulated cluster."""

import pytest

from pacemaker_os.cluster.apply import wait


@pytest.fixture
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits end without delays."""
    monkeypatch.setattr(wait, "INTERVAL", 0.0)
    monkeypatch.setattr(wait, "STALLED_AFTER", 0.0)
    monkeypatch.setattr(wait.time, "sleep", lambda seconds: None)
