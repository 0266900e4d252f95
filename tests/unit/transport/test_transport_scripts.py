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


def test_an_unfinished_file_is_readable_by_nobody_else(tmp_path: Path) -> None:
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
def test_a_bad_name_of_a_variable_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        scripts.environment_lines({name: "x"})


def test_a_null_byte_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="null byte") as caught:
        scripts.environment_lines({"A": Secret("hush\0hush")})
    assert "hush" not in str(caught.value)


def test_the_other_end_is_told_when_to_stop() -> None:
    line = scripts.command_line(["echo", "x"], mark="m", timeout=2.5, with_environment=False)
    assert line == ["env", "PCS_OS_RUN=m", "timeout", "--kill-after=5", "2.5", "echo", "x"]
