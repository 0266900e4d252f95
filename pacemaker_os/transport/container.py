"""Commands in a container, with the Docker command-line client.

A process that runs a single command needs 60 ms of CPU time with the client. It needs 110 ms with the Docker
library, mostly to import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pacemaker_os.errors import TransportError
from pacemaker_os.transport.process import CompletedCommand
from pacemaker_os.transport.shell import ShellTransport

#: Parts of error messages of `docker exec` itself, and the messages that replace them.
_MESSAGES = {
    "No such container": "the container does not exist",
    "is not running": "the container is not running",
    "is paused": "the container is paused",
    "is restarting": "the container is restarting",
    "Cannot connect to the Docker daemon": "the Docker engine does not respond; check that it is running",
    "permission denied while trying to connect": "cannot use Docker; run as root, or join the group 'docker'",
}


@dataclass(frozen=True)
class ContainerTransport(ShellTransport):
    """A running container, where commands run as root."""

    container: str

    @property
    def name(self) -> str:
        return self.container

    def client_line(self, line: Sequence[str]) -> list[str]:
        return ["docker", "exec", "-i", "--", self.container, *line]

    def check_client(self, completed: CompletedCommand) -> None:
        # 125: Docker itself; 126 and 127: a container without `env`; 1: older clients.
        if completed.status not in (1, 125, 126, 127, 128):
            return
        message = completed.stderr.decode("utf-8", "replace").strip()
        if not message.startswith(
            ("Error", "Cannot connect", "Got permission denied", "permission denied", "OCI runtime")
        ):
            return
        for phrase, replacement in _MESSAGES.items():
            if phrase.lower() in message.lower():
                raise TransportError(f"{self.container}: {replacement}")
        if completed.status == 125 or message.startswith("OCI runtime"):
            raise TransportError(f"{self.container}: {message}")
