"""The containers of a lab."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pacemaker_os.errors import LabError
from pacemaker_os.lab.network import network_name
from pacemaker_os.lab.shape import BMC, LABEL_LAB, LABEL_NODE, LABEL_ROLE, SHARE, Lab, LabNode
from pacemaker_os.secret import Secret

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.types import EndpointConfig

#: Capabilities that systemd and a cluster manager need in addition to Docker's defaults, each one tested:
#: mounts and cgroups; addresses and packet filters; real-time scheduling; locked memory; strace in tests.
_CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "SYS_NICE", "IPC_LOCK", "SYS_PTRACE")


def find_containers(client: DockerClient, lab: str) -> dict[str, Container]:
    """Return the containers of a lab by node name, sorted."""
    found = client.containers.list(all=True, filters={"label": f"{LABEL_LAB}={lab}"}, ignore_removed=True)
    return dict(sorted((container.labels[LABEL_NODE], container) for container in found))


def create_node(client: DockerClient, lab: Lab, node: LabNode, image: str) -> Container:
    """Create the container of a node, with systemd as its first process, but do not start it.

    Docker writes /etc/hosts, with the names of all nodes, at each start.
    """
    return client.containers.create(
        image,
        ["/lib/systemd/systemd"],
        name=node.container,
        hostname=node.name,
        labels=lab.labels(node),
        cap_add=list(_CAPABILITIES),
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        tmpfs={"/run": "", "/run/lock": "", "/tmp": ""},  # noqa: S108 (mount points in the container)
        volumes={network_name(lab.name): {"bind": SHARE, "mode": "rw"}},
        cgroupns="private",
        environment={"container": "docker"},
        stop_signal="SIGRTMIN+3",
        extra_hosts={other.name: other.address for other in lab.nodes},
        network=network_name(lab.name),
        networking_config=_endpoint(client, lab, node),
    )


def ensure_share(client: DockerClient, lab: str) -> None:
    """Create the volume that all nodes of the lab share, if it does not exist."""
    client.volumes.create(network_name(lab), labels={LABEL_LAB: lab})


def create_bmc(client: DockerClient, lab: Lab, image: str, password: Secret) -> Container:
    """Create the container of the power switches, with their password, but do not start it."""
    bmc = lab.bmc
    container = client.containers.create(
        image,
        ["/usr/local/libexec/lab-bmc", lab.name, bmc.address],
        name=bmc.container,
        hostname=bmc.name,
        labels=lab.labels(bmc),
        init=True,
        volumes={"/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"}},
        network=network_name(lab.name),
        networking_config=_endpoint(client, lab, bmc),
    )
    container.put_archive("/etc", _archive({"bmc/password": password.reveal().encode()}))
    return container


def start_all(containers: Sequence[Container]) -> bool:
    """Start stopped containers and unpause paused ones; return whether there were any."""
    changed = False
    for container in containers:
        if container.status == "paused":
            container.unpause()
        elif container.status != "running":
            container.start()
        else:
            continue
        changed = True
    return changed


def remove_all(client: DockerClient, lab: str) -> int:
    """Remove all containers, networks and volumes of a lab; return their number."""
    containers = find_containers(client, lab).values()
    # Remove the power switches first, so that they do not start nodes that the cluster fences.
    for container in sorted(containers, key=lambda container: container.labels[LABEL_ROLE] != BMC):
        _remove(container)
    networks = client.networks.list(filters={"label": f"{LABEL_LAB}={lab}"})
    for network in networks:
        network.remove()
    volumes = client.volumes.list(filters={"label": f"{LABEL_LAB}={lab}"})
    for volume in volumes:
        volume.remove()
    return len(containers) + len(networks) + len(volumes)


def _remove(container: Container) -> None:
    from docker.errors import APIError, NotFound

    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        raise LabError(f"cannot remove container '{container.name}': {error}") from error


def _endpoint(client: DockerClient, lab: Lab, node: LabNode) -> dict[str, EndpointConfig]:
    """Return the endpoint configuration that gives a container its address in the lab's network."""
    return {network_name(lab.name): client.api.create_endpoint_config(ipv4_address=node.address)}


def _archive(files: dict[str, bytes]) -> bytes:
    """Return a tar archive of files, with their directories, that only root can read."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for directory in sorted({path.rpartition("/")[0] for path in files}):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700
            tar.addfile(entry)
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o600
            tar.addfile(entry, io.BytesIO(data))
    return stream.getvalue()
