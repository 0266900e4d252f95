"""The fake transport."""

from __future__ import annotations

import pytest

from pacemaker_os.errors import CommandFailed, TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.fake import Expect, FakeTransport


def test_run_returns_results_in_order_and_rejects_more_commands() -> None:
    fake = FakeTransport([Expect(("a",), stdout="1"), Expect(("b", "c"), status=2, stderr="no")])
    transport: Transport = fake
    assert transport.run(["a"]).text == "1"
    with pytest.raises(CommandFailed, match="no"):
        transport.run(["b", "c"])
    fake.finish()
    with pytest.raises(AssertionError, match="unexpected command"):
        transport.run(["a"])


def test_run_rejects_unexpected_command() -> None:
    with pytest.raises(AssertionError, match="expected"):
        FakeTransport([Expect(("a",))]).run(["b"])


def test_finish_rejects_missing_commands() -> None:
    with pytest.raises(AssertionError, match="did not run"):
        FakeTransport([Expect(("a",))]).finish()


def test_run_compares_revealed_input_and_environment() -> None:
    fake = FakeTransport([Expect(("a",), input=b"pw", env={"K": "v"}), Expect(("a",), input=b"pw")])
    fake.run(["a"], input=Secret("pw"), env={"K": Secret("v")})
    with pytest.raises(AssertionError):
        fake.run(["a"], input=b"other")


def test_put_stores_mode_and_owner() -> None:
    fake = FakeTransport()
    fake.put(Secret("x"), "/f", mode=0o600, owner="a:b")
    assert fake.get("/f") == b"x"
    assert fake.modes["/f"] == (0o600, "a:b")
    with pytest.raises(TransportError):
        fake.get("/g")
