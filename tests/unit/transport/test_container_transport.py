from __future__ import annotations

import pytest

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.container import ContainerTransport
from pacemaker_os.transport.process import CompletedCommand


def test_the_client_line_is_one_list_of_words() -> None:
    assert ContainerTransport("lab-controller01").client_line(["echo", "a b"]) == [
        *("docker", "exec", "-i", "--", "lab-controller01"),
        *("echo", "a b"),
    ]


@pytest.mark.parametrize(
    ("status", "said", "sentence"),
    [
        (1, "Error: No such container: c", "no such container"),
        (1, "Error response from daemon: No such container: c", "no such container"),
        (1, "Error response from daemon: Container 08ab is not running", "not running"),
        (1, "Error response from daemon: Container c is paused, unpause the container", "is paused"),
        (1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "is it started"),
        (1, "permission denied while trying to connect to the Docker daemon socket", "be root"),
        (126, "OCI runtime exec failed: exec failed: unable to start container process", "OCI runtime"),
    ],
)
def test_what_docker_says_becomes_a_sentence(status: int, said: str, sentence: str) -> None:
    with pytest.raises(TransportError, match=sentence):
        ContainerTransport("c").check_client(CompletedCommand(status, b"", said.encode(), 0.1))


@pytest.mark.parametrize(
    "completed",
    [
        CompletedCommand(0, b"", b"Error: No such container: said by a command that went well", 0.1),
        CompletedCommand(1, b"", b"grep: no such container", 0.1),
        CompletedCommand(1, b"", b"Error: cluster is not currently running on this node", 0.1),
        CompletedCommand(2, b"", b"Error: is not running", 0.1),
    ],
)
def test_what_a_command_says_is_not_taken_for_dockers(completed: CompletedCommand) -> None:
    ContainerTransport("c").check_client(completed)
