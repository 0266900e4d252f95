"""Start of a lab: containers, cluster and fencing. All steps are idempotent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pacemaker_os.cluster.setup.create import create_cluster
from pacemaker_os.cluster.setup.progress import Progress
from pacemaker_os.cluster.setup.remote import start_remotes
from pacemaker_os.cluster.setup.topology import Topology, TopologyNode
from pacemaker_os.errors import CommandTimeout, LabError
from pacemaker_os.lab import shape
from pacemaker_os.lab.document import apply_document
from pacemaker_os.lab.fencing import ensure_switches, trust_switches
from pacemaker_os.lab.image import ensure_image
from pacemaker_os.lab.network import ensure_network, find_subnet
from pacemaker_os.lab.nodes import create_node, ensure_share, find_containers, start_all
from pacemaker_os.lab.shape import Lab, LabSpec
from pacemaker_os.parallel import run_parallel
from pacemaker_os.transport.container import ContainerTransport
from pacemaker_os.transport.local import LocalTransport

if TYPE_CHECKING:
    from docker import DockerClient

#: Timeout for systemd to start in a node, in seconds.
_BOOT_TIMEOUT = 90.0

#: Waits until systemd accepts requests. Cluster setup waits for pcsd, which takes longer.
_BOOTED = "until systemctl is-active --quiet dbus.service; do sleep 0.1; done"


def lab_up(client: DockerClient, spec: LabSpec, *, bare: bool, progress: Progress) -> Lab:
    """Start a lab, or complete an existing one. With `bare`, do not create a cluster.

    Raises LabError if a lab with this name has another shape.
    """
    existing = find_containers(client, spec.name)
    labels = [dict(container.labels) for container in existing.values()]
    lab = shape.decide(spec, labels[0] if labels else None, find_subnet(client, spec.name, LocalTransport()))
    # Create the network first: another lab could use its subnet while images are built, which takes minutes.
    ensure_network(client, lab)
    ensure_share(client, lab.name)
    image = {role: ensure_image(client, layer, lab.release, progress) for role, layer in _layers(lab).items()}

    with progress.step(f"start {len(lab.nodes)} containers in {lab.subnet}"):
        containers = [
            existing.get(node.name) or create_node(client, lab, node, image[node.role]) for node in lab.nodes
        ]
        containers.append(ensure_switches(client, lab, image[shape.NODE], existing.get(lab.bmc.name)))
        start_all(containers)
    with progress.step("wait for systemd in all nodes"):
        run_parallel(_wait_booted, [node.container for node in lab.nodes])
    if bare:
        trust_switches(lab)
    else:
        _create_cluster(lab, progress)
    return lab


def lab_topology(lab: Lab) -> Topology:
    """Return the topology of the cluster of a lab."""
    return Topology(
        name=lab.name,
        token=shape.TOKEN,
        pmtud_interval=shape.PMTUD_INTERVAL,
        nodes=tuple(
            TopologyNode(name=node.name, addresses=(node.address,), container=node.container)
            for node in lab.cluster_nodes
        ),
    )


def _create_cluster(lab: Lab, progress: Progress) -> None:
    # Set up the power switches and the cluster at the same time, because both mostly wait.
    with ThreadPoolExecutor(max_workers=1) as pool:
        switches = pool.submit(trust_switches, lab)
        create_cluster(lab_topology(lab), progress)
        with progress.step("enable fencing"):
            switches.result()
            start_remotes(
                ContainerTransport(lab.cluster_nodes[0].container),
                [ContainerTransport(node.container) for node in lab.remote_nodes],
            )
            apply_document(lab)


def _layers(lab: Lab) -> dict[str, str]:
    """Return the image layer of each node role in a lab."""
    layers = {shape.NODE: lab.image}
    remote = shape.REMOTE_IMAGES.get(lab.image, shape.REMOTE)
    return layers | {shape.REMOTE: remote} if lab.remotes else layers


def _wait_booted(container: str) -> None:
    try:
        ContainerTransport(container).run(["sh", "-c", _BOOTED], timeout=_BOOT_TIMEOUT)
    except CommandTimeout as error:
        raise LabError(
            f"systemd in {container} did not start within {_BOOT_TIMEOUT:g} s; see `docker logs {container}`"
        ) from error
