"""Docker, through its library; and one clear sentence where it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError

if TYPE_CHECKING:
    from docker import DockerClient


@contextmanager
def open_engine() -> Iterator[DockerClient]:
    """Connect to the Docker engine. Raises LabError with the remedy when that cannot be."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=120)
    except DockerException as error:
        raise LabError(_why(str(error)), code="no-docker") from error
    try:
        client.ping()
        yield client
    except DockerException as error:
        raise LabError(f"Docker refused: {error}", code="docker") from error
    finally:
        client.close()


def _why(said: str) -> str:
    """Turn what the library says into what to do."""
    if "Permission denied" in said or "PermissionError" in said:
        return "this user may not use Docker: be root, or join the group 'docker' and log in again"
    if "No such file" in said or "FileNotFoundError" in said:
        return (
            "no Docker engine runs on this machine: install docker.io, and start it by "
            "`systemctl start docker` (`dockerd &` where there is no systemd)"
        )
    if "Connection refused" in said or "ConnectionRefused" in said:
        return (
            "the Docker engine is stopped: start it by `systemctl start docker` (`dockerd &` without systemd)"
        )
    return f"the Docker engine does not answer: {said}"
