"""The local transport."""

from __future__ import annotations

from pathlib import Path

import pytest
from transport_contract import TransportContract

from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.connect import open_transport


class TestLocal(TransportContract):
    @pytest.fixture
    def transport(self) -> Transport:
        return open_transport()

    @pytest.fixture
    def directory(self, tmp_path: Path) -> str:
        return str(tmp_path)

    def test_run_does_not_wait_for_surviving_child(self, transport: Transport) -> None:
        result = transport.run(["sh", "-c", "sleep 86314 & echo done"], timeout=20)
        assert result.text == "done\n"
        assert result.seconds < 10
        assert not self._alive(transport, "86314")
