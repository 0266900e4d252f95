"""The command log of a node."""

from pathlib import Path

import pytest

from pacemaker_os.errors import CommandFailed
from pacemaker_os.install.nodes.log import logged
from pacemaker_os.secret import Secret
from pacemaker_os.transport.fake import Expect, FakeTransport


def test_log_contains_commands_without_secrets(tmp_path: Path) -> None:
    node = FakeTransport(
        [
            Expect(("mariadb",), stdout="granted to hidden-word"),
            Expect(("false",), status=3, stderr="no: hidden-word"),
            Expect(("python3", "-"), stdout='{"text": "configuration"}'),
        ]
    )
    transport = logged(node, tmp_path / "logs", "controller01", [Secret("hidden-word"), Secret("a")])
    transport.run(["mariadb"], input=Secret("IDENTIFIED BY 'hidden-word'"))
    with pytest.raises(CommandFailed):
        transport.run(["false"])
    transport.run(["python3", "-"])
    text = (tmp_path / "logs" / "controller01.log").read_text()
    assert "mariadb  (status 0, " in text
    assert "    granted to *****" in text
    assert "false  (status 3, " in text
    assert "    no: *****" in text
    assert "hidden-word" not in text
    assert "configuration" not in text
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
