"""The containers of a lab: found by label, made, started, and taken away."""

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

#: What systemd and a cluster manager need beyond an ordinary container's rights, measured one by one:
#: mounts and cgroups; addresses and filters; realtime scheduling; locked memory; strace for agents' tests.
_CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "SYS_NICE", "IPC_LOCK", "SYS_PTRACE")


def find_containers(client: DockerClient, lab: str) -> dict[str, Container]:
    """Return the lab's containers by the name of their node, in order of name."""
    found = client.containers.list(all=True, filters={"label": f"{LABEL_LAB}={lab}"}, ignore_removed=True)
    return dict(sorted((container.labels[LABEL_NODE], container) for container in found))


def create_node(client: DockerClient, lab: Lab, node: LabNode, image: str) -> Container:
    """Make the container of a node, with systemd as its first process; it is not started.

    Every name of the lab is in its /etc/hosts, which Docker writes anew at every start.
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
    """Make the folder that all nodes of the lab have in common, if there is none."""
    client.volumes.create(network_name(lab), labels={LABEL_LAB: lab})


def create_bmc(client: DockerClient, lab: Lab, image: str, password: Secret) -> Container:
    """Make the container of the power switches, and lay the password into it; it is not started."""
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
    """Start what is not running, let go on what is paused, and say whether there was any."""
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
    """Take away all containers, networks and folders of the lab, in whatever state; return how many."""
    containers = find_containers(client, lab).values()
    # The switches first: they must not start again what the cluster takes for dead.
    for container in sorted(containers, key=lambda container: container.labels[LABEL_ROLE] != BMC):
        _remove(container)
    networks = client.networks.list(filters={"label": f"{LABEL_LAB}={lab}"})
    for network in networks:
        network.remove()
    folders = client.volumes.list(filters={"label": f"{LABEL_LAB}={lab}"})
    for folder in folders:
        folder.remove()
    return len(containers) + len(networks) + len(folders)


def _remove(container: Container) -> None:
    from docker.errors import APIError, NotFound

    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        raise LabError(f"the container {container.name} cannot be removed: {error}") from error


def _endpoint(client: DockerClient, lab: Lab, node: LabNode) -> dict[str, EndpointConfig]:
    """Tie a new container to its address in the lab's network."""
    return {network_name(lab.name): client.api.create_endpoint_config(ipv4_address=node.address)}


def _archive(files: dict[str, bytes]) -> bytes:
    """Return a tar of files that only root may read, with their folders."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for folder in sorted({path.rpartition("/")[0] for path in files}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o700
            tar.addfile(entry)
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o600
            tar.addfile(entry, io.BytesIO(data))
    return stream.getvalue()
