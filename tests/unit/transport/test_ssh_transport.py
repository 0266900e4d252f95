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


def test_every_word_is_quoted_for_the_shell_there() -> None:
    words = ["echo", "a b", "$HOME", "it's", "", "*"]
    *_, host, line = SshTransport("root@h").client_line(words)
    assert host == "root@h"
    assert shlex.split(line) == ["sh", "-c", '"$@"; exit $?', "sh", *words]


def test_the_connection_is_shared_and_asks_nobody() -> None:
    line = SshTransport("h", options=("Port=2222",)).client_line(["true"])
    for option in ("Port=2222", "BatchMode=yes", "ControlMaster=auto", "ControlPersist=60"):
        assert option in line
    assert not any("StrictHostKeyChecking" in word for word in line)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Host key verification failed.", "host key"),
        ("root@h: Permission denied (publickey,password).", "does not accept a key"),
        ("ssh: Could not resolve hostname h: Name or service not known", "name is not known"),
        ("ssh: connect to host h port 22: Connection refused", "Connection refused"),
        ("", "connection broke"),
    ],
)
def test_what_ssh_says_becomes_a_sentence(said: str, sentence: str) -> None:
    with pytest.raises(TransportError, match=sentence):
        SshTransport("h").check_client(CompletedCommand(255, b"", said.encode(), 0.1))


def test_a_host_that_would_be_an_option_is_refused() -> None:
    with pytest.raises(TransportError, match="no host"):
        SshTransport("-oProxyCommand=touch /tmp/x")


def test_the_folder_of_sockets_is_short_and_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / ("long" * 20)))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    line = SshTransport("h").client_line(["true"])
    assert f"ControlPath={tmp_path}/pcs-os-{os.getuid()}/%C" in line
    folder = tmp_path / f"pcs-os-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(TransportError, match="only this user may enter"):
        SshTransport("h").client_line(["true"])
