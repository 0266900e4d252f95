"""The remote scripts of transports."""

from __future__ import annotations

import getpass
import grp
import os
import subprocess
import time
from pathlib import Path

import pytest

from pacemaker_os.secret import Secret
from pacemaker_os.transport import scripts


def test_put_line_keeps_unfinished_file_private(tmp_path: Path) -> None:
    owner = f"{getpass.getuser()}:{grp.getgrgid(os.getgid()).gr_name}"
    target = tmp_path / "file"
    line = scripts.put_line(str(target), 0o666, owner)
    with subprocess.Popen(line, stdin=subprocess.PIPE, umask=0) as writer:
        assert writer.stdin
        writer.stdin.write(b"half")
        writer.stdin.flush()
        deadline = time.monotonic() + 20
        while not (parts := list(tmp_path.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [oct(part.stat().st_mode & 0o777) for part in parts] == ["0o600"]
        assert not target.exists()
        writer.stdin.close()
    assert writer.returncode == 0
    assert oct(target.stat().st_mode & 0o777) == "0o666"


@pytest.mark.parametrize("name", ["", "A B", "A=B", "1A", "A;B"])
def test_environment_lines_rejects_invalid_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        scripts.environment_lines({name: "x"})


def test_environment_lines_rejects_null_byte_without_showing_value() -> None:
    with pytest.raises(ValueError, match="null byte") as caught:
        scripts.environment_lines({"A": Secret("hush\0hush")})
    assert "hush" not in str(caught.value)


def test_command_line_enforces_timeout_remotely() -> None:
    line = scripts.command_line(["echo", "x"], mark="m", timeout=2.5, with_environment=False)
    assert line == ["env", "PCS_OS_RUN=m", "timeout", "--kill-after=5", "2.5", "echo", "x"]
