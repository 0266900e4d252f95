"""Fencing in a lab, with the agent fence_redfish and power switches that are part of the lab.

The power switches (containers/node/files/usr/local/libexec/lab-bmc) have access to the Docker socket. The
nodes have a password and the certificate of the switches; the CIB contains neither.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError
from pacemaker_os.lab.nodes import create_bmc
from pacemaker_os.lab.shape import Lab, LabNode
from pacemaker_os.parallel import run_parallel
from pacemaker_os.secret import Secret
from pacemaker_os.transport.container import ContainerTransport

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

_CERTIFICATE = "/etc/bmc/certificate.pem"
_TRUSTED = "/usr/local/share/ca-certificates/lab-bmc.crt"

#: Prints the password of the switches; fence agents run it as their `password_script`.
PASSWORD_SCRIPT = "/etc/pacemaker/bmc-password"  # noqa: S105 (a path)

#: Waits for the file $1, which the switches create when they start.
_WAIT = 'for n in $(seq 100); do test -e "$1" && exec cat "$1"; sleep 0.1; done; exit 1'


def ensure_switches(client: DockerClient, lab: Lab, image: str, container: Container | None) -> Container:
    """Return the container of the power switches; create it with a new password if it does not exist.

    A container that never started may lack its password, because its creation was interrupted.
    """
    if container is not None and container.status != "created":
        return container
    if container is not None:
        container.remove(force=True)
    return create_bmc(client, lab, image, Secret(secrets.token_urlsafe(24)))


def trust_switches(lab: Lab) -> None:
    """Install the password and the certificate of the switches on each cluster node."""
    switches = ContainerTransport(lab.bmc.container)
    certificate = switches.run(["sh", "-c", _WAIT, "sh", _CERTIFICATE], ok=(0, 1)).stdout
    if not certificate:
        raise LabError(f"cannot start the power switches; see `docker logs {lab.bmc.container}`")
    password = switches.get("/etc/bmc/password").decode()
    script = Secret(f"#!/bin/sh\necho {password}\n")

    def trust(node: LabNode) -> None:
        transport = ContainerTransport(node.container)
        if transport.run(["cat", _TRUSTED], ok=()).stdout == certificate:
            return
        transport.put(script, PASSWORD_SCRIPT, mode=0o700)
        transport.put(certificate, _TRUSTED)
        transport.run(["update-ca-certificates"])

    run_parallel(trust, lab.cluster_nodes)
