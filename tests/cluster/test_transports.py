"""The transport contract, in a container and with a real sshd."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_handle import LabHandle

from pacemaker_os.errors import TransportError
from pacemaker_os.secret import Secret
from pacemaker_os.transport.base import Transport
from pacemaker_os.transport.container import ContainerTransport
from pacemaker_os.transport.ssh import SshTransport

sys.path.append(str(Path(__file__).parents[1] / "unit" / "transport"))
from transport_contract import TransportContract

pytestmark = pytest.mark.cluster

PASSWORD = Secret("a long password")


@pytest.fixture(scope="module")
def node(session_lab: LabHandle) -> ContainerTransport:
    return session_lab.node("controller03")


@pytest.fixture
def directory(node: ContainerTransport) -> Iterator[str]:
    path = node.run(["mktemp", "-d"]).text.strip()
    yield path
    node.run(["rm", "-rf", path])


@pytest.fixture(scope="module")
def host(node: ContainerTransport, session_lab: LabHandle) -> Iterator[str]:
    """The address of a node with a running sshd, where root can log in with a key or PASSWORD."""
    config = b"PermitRootLogin yes\nPasswordAuthentication yes\n"
    node.put(config, "/etc/ssh/sshd_config.d/test.conf")
    node.run(["chpasswd"], input=Secret(f"root:{PASSWORD.reveal()}\n"))
    node.run(["systemctl", "start", "ssh"])
    yield next(state["address"] for state in session_lab.states() if state["node"] == "controller03")
    node.run(["systemctl", "stop", "ssh"])
    node.run(["rm", "/etc/ssh/sshd_config.d/test.conf"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory with a short path, as connection sockets require."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def known_hosts(host: str, node: ContainerTransport, tmp_path: Path) -> Path:
    key = node.get("/etc/ssh/ssh_host_ed25519_key.pub").decode()
    path = tmp_path / "known_hosts"
    path.write_text(f"{host} {' '.join(key.split()[:2])}\n")
    return path


class TestContainer(TransportContract):
    @pytest.fixture
    def transport(self, node: ContainerTransport) -> Transport:
        return node


class TestSsh(TransportContract):
    @pytest.fixture
    def transport(
        self, host: str, node: ContainerTransport, known_hosts: Path, home: Path
    ) -> Iterator[Transport]:
        key = home / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        node.run(["install", "-d", "-m", "700", "/root/.ssh"])
        node.put(key.with_suffix(".pub").read_bytes(), "/root/.ssh/authorized_keys", mode=0o600)
        transport = SshTransport(
            f"root@{host}", options=(f"UserKnownHostsFile={known_hosts}", f"IdentityFile={key}")
        )
        yield transport
        transport.close()


def test_password_opens_a_connection_for_later_commands(
    host: str, node: ContainerTransport, known_hosts: Path, home: Path
) -> None:
    node.run(["rm", "-f", "/root/.ssh/authorized_keys"])
    options = (f"UserKnownHostsFile={known_hosts}", "IdentityFile=none", "IdentityAgent=none")
    transport = SshTransport(f"root@{host}", options=options)
    with pytest.raises(TransportError, match="does not accept a key"):
        transport.run(["true"])
    with pytest.raises(TransportError, match="rejected the password"):
        transport.contact(Secret("wrong"))
    transport.contact(PASSWORD)
    try:
        assert transport.run(["hostname"]).text == "controller03\n"
    finally:
        transport.close()


def test_unknown_host_key_is_rejected(host: str, home: Path) -> None:
    empty = home / "known_hosts"
    empty.touch()
    transport = SshTransport(f"root@{host}", options=(f"UserKnownHostsFile={empty}",))
    with pytest.raises(TransportError, match="host key"):
        transport.run(["true"])
