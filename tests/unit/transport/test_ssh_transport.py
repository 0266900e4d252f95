"""The SSH transport."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

import pytest

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.process import CompletedCommand
from pacemaker_os.transport.ssh import SshTransport


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


def test_client_line_quotes_arguments_for_the_remote_shell() -> None:
    arguments = ["echo", "a b", "$HOME", "it's", "", "*"]
    *_, host, line = SshTransport("root@h").client_line(arguments)
    assert host == "root@h"
    assert shlex.split(line) == ["sh", "-c", '"$@"; exit $?', "sh", *arguments]


def test_client_line_shares_connection_without_prompts() -> None:
    line = SshTransport("h", options=("Port=2222",)).client_line(["true"])
    for option in ("Port=2222", "BatchMode=yes", "ControlMaster=auto", "ControlPersist=60"):
        assert option in line
    assert not any("StrictHostKeyChecking" in argument for argument in line)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("Host key verification failed.", "host key"),
        ("root@h: Permission denied (publickey,password).", "does not accept a key"),
        ("ssh: Could not resolve hostname h: Name or service not known", "cannot resolve"),
        ("ssh: connect to host h port 22: Connection refused", "Connection refused"),
        ("", "connection lost"),
    ],
)
def test_check_client_translates_ssh_errors(output: str, message: str) -> None:
    with pytest.raises(TransportError, match=message):
        SshTransport("h").check_client(CompletedCommand(255, b"", output.encode(), 0.1))


def test_host_that_looks_like_an_option_is_rejected() -> None:
    with pytest.raises(TransportError, match="not a valid host name"):
        SshTransport("-oProxyCommand=touch /tmp/x")


def test_control_directory_is_short_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / ("long" * 20)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    line = SshTransport("h").client_line(["true"])
    assert f"ControlPath={tmp_path}/pcs-os-{os.getuid()}/%C" in line
    directory = tmp_path / f"pcs-os-{os.getuid()}"
    assert directory.stat().st_mode & 0o777 == 0o700
    directory.chmod(0o777)
    with pytest.raises(TransportError, match="only this user can access"):
        SshTransport("h").client_line(["true"])
