"""The container transport."""

from __future__ import annotations

import pytest

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.container import ContainerTransport
from pacemaker_os.transport.process import CompletedCommand


def test_client_line_wraps_the_command() -> None:
    assert ContainerTransport("lab-controller01").client_line(["echo", "a b"]) == [
        *("docker", "exec", "-i", "--", "lab-controller01"),
        *("echo", "a b"),
    ]


@pytest.mark.parametrize(
    ("status", "output", "message"),
    [
        (1, "Error: No such container: c", "does not exist"),
        (1, "Error response from daemon: No such container: c", "does not exist"),
        (1, "Error response from daemon: Container 08ab is not running", "not running"),
        (1, "Error response from daemon: Container c is paused, unpause the container", "is paused"),
        (1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "does not respond"),
        (1, "permission denied while trying to connect to the Docker daemon socket", "run as root"),
        (126, "OCI runtime exec failed: exec failed: unable to start container process", "OCI runtime"),
    ],
)
def test_check_client_translates_docker_errors(status: int, output: str, message: str) -> None:
    with pytest.raises(TransportError, match=message):
        ContainerTransport("c").check_client(CompletedCommand(status, b"", output.encode(), 0.1))


@pytest.mark.parametrize(
    "completed",
    [
        CompletedCommand(0, b"", b"Error: No such container: printed by a successful command", 0.1),
        CompletedCommand(1, b"", b"grep: no such container", 0.1),
        CompletedCommand(1, b"", b"Error: cluster is not currently running on this node", 0.1),
        CompletedCommand(2, b"", b"Error: is not running", 0.1),
    ],
)
def test_check_client_ignores_output_of_the_command(completed: CompletedCommand) -> None:
    ContainerTransport("c").check_client(completed)
