"""Connection to the Docker engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError

if TYPE_CHECKING:
    from docker import DockerClient


@contextmanager
def open_engine() -> Iterator[DockerClient]:
    """Connect to the Docker engine. Raises LabError with a remedy if that fails."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=120)
    except DockerException as error:
        raise LabError(_explain(str(error)), code="no-docker") from error
    try:
        client.ping()
        yield client
    except DockerException as error:
        raise LabError(f"Docker reported an error: {error}", code="docker") from error
    finally:
        client.close()


def _explain(message: str) -> str:
    """Return an error message with a remedy for a message of the Docker library."""
    if "Permission denied" in message or "PermissionError" in message:
        return (
            "cannot use Docker: permission denied; run as root, or join the group 'docker' and log in again"
        )
    if "No such file" in message or "FileNotFoundError" in message:
        return (
            "cannot use Docker: no engine is running on this machine; install docker.io and start it with "
            "`systemctl start docker` (`dockerd &` without systemd)"
        )
    if "Connection refused" in message or "ConnectionRefused" in message:
        return (
            "cannot use Docker: the engine is stopped; start it with `systemctl start docker` "
            "(`dockerd &` without systemd)"
        )
    return f"cannot use Docker: the engine does not respond: {message}"
