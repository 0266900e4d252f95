"""Commands in a container, through the Docker command line.

The command line and not the Docker library: a process that runs one command ends after 60 ms of CPU
this way, and after 110 ms with the library (measured), most of it for importing it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.process import CompletedCommand
from pacemaker_os.transport.shell import ShellTransport

#: What `docker exec` says when it is Docker that fails, and a sentence of ours for it.
_DOCKER_SAYS = {
    "No such container": "there is no such container",
    "is not running": "the container is not running",
    "is paused": "the container is paused",
    "is restarting": "the container is restarting",
    "Cannot connect to the Docker daemon": "the Docker engine does not answer; is it started?",
    "permission denied while trying to connect": "this user may not use Docker: be root or in group 'docker'",
}


@dataclass(frozen=True)
class ContainerTransport(ShellTransport):
    """A running container, as root in it."""

    container: str

    @property
    def name(self) -> str:
        return self.container

    def client_line(self, line: Sequence[str]) -> list[str]:
        return ["docker", "exec", "-i", "--", self.container, *line]

    def check_client(self, completed: CompletedCommand) -> None:
        # 125: Docker itself; 126 and 127 of a container without `env`; 1: older clients.
        if completed.status not in (1, 125, 126, 127, 128):
            return
        said = completed.stderr.decode("utf-8", "replace").strip()
        if not said.startswith(
            ("Error", "Cannot connect", "Got permission denied", "permission denied", "OCI runtime")
        ):
            return
        for phrase, sentence in _DOCKER_SAYS.items():
            if phrase.lower() in said.lower():
                raise TransportError(f"{self.container}: {sentence}")
        if completed.status == 125 or said.startswith("OCI runtime"):
            raise TransportError(f"{self.container}: {said}")
