"""Evacuation and restart of guests of libvirt, which QEMU emulates.

The guests boot from an empty disk and run forever. These tests have their own lab, because the others use a
fake hypervisor driver.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from cloud_faults import resource_parameters
from evacuation import host_of, is_well
from lab_cloud import LabCloud, pcs_os, topology_of
from nova_client import Nova, ready, until

from pacemaker_os.errors import TransportError

pytestmark = pytest.mark.cluster

NAME = "osvirt"

#: Number of guests.
COUNT = 4

#: Timeouts for an evacuation, the return of a node, and the restart of a crashed guest, in seconds.
MOVED, BACK, RESTARTED = 300.0, 300.0, 300.0

#: libvirt configuration without cgroups and confinement, which do not work in a container.
QEMU_CONF = b"""security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
"""

VIRSH = ["virsh", "--connect", "qemu:///system"]


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """A cloud whose compute nodes run QEMU and share the instances directory."""
    pcs_os("lab", "down", "--name", NAME)
    try:
        shape = ["--release", "bookworm", "--image", "openstack", "--nodes", "3", "--remotes", "2"]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        cloud = LabCloud(
            topology_of(
                NAME,
                tmp_path_factory.mktemp("virtual"),
                ["instance-ha", "nova-compute"],
                compute_driver="libvirt.LibvirtDriver",
                virt_type="qemu",
                shared_instance_storage="yes",
            )
        )
        cloud.share_instances()
        for name in cloud.nodes("compute"):
            cloud.node(name).put(QEMU_CONF, "/etc/libvirt/qemu.conf")
        result = cloud.deploy()
        print(f"\ndeployed in {result['seconds']:.0f} s")
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


@pytest.fixture(scope="module")
def nova(virtual: LabCloud) -> Nova:
    """Nova of the cloud, with guests on one node."""
    client = ready(virtual)
    client.create(virtual.nodes("compute")[0], COUNT)
    return client


def guests(cloud: LabCloud, which: str = "--state-running") -> dict[str, list[str]]:
    """Return the nodes of each guest according to libvirt. A node that is off has no guests."""
    found: dict[str, list[str]] = {}
    for host in cloud.nodes("compute"):
        with suppress(TransportError):
            for uuid in cloud.node(host).run([*VIRSH, "list", "--uuid", which]).text.split():
                found.setdefault(uuid, []).append(host)
    return found


def hosts_in_nova(nova: Nova) -> dict[str, list[str]]:
    """Return the host of each ACTIVE guest in Nova."""
    return {each["id"]: [host_of(each)] for each in nova.servers() if is_well(each)}


def test_only_pacemaker_starts_libvirt(virtual: LabCloud) -> None:
    for host in virtual.nodes("compute"):
        states = virtual.node(host).run(["systemctl", "is-enabled", "libvirtd", "libvirtd.socket"], ok=(0, 1))
        assert states.text.split() == ["disabled", "mnova"]
        assert virtual.node(host).run(["systemctl", "is-active", "libvirtd"]).text.strip() == "active"


def test_guests_are_evacuated_after_node_failure(virtual: LabCloud, nova: Nova) -> None:
    victim, other = virtual.nodes("compute")
    assert Counter(map(tuple, guests(virtual).values())) == {(victim,): COUNT}
    pcs_os("lab", "fault", "kill", "--name", NAME, victim)

    def have_moved() -> bool:
        found = guests(virtual)
        return Counter(map(tuple, found.values())) == {(other,): COUNT} and found == hosts_in_nova(nova)

    until(have_moved, MOVED)
    until(lambda: nova.uses(victim), BACK)
    # Evacuated guests are no longer defined on the failed node.
    assert guests(virtual, "--all") == hosts_in_nova(nova)


def test_crashed_guest_restarts_on_its_host(virtual: LabCloud, nova: Nova) -> None:
    uuid, (host,) = next(iter(guests(virtual).items()))
    node = virtual.node(host)
    with resource_parameters(
        virtual, "nova-compute", {"detect_crashed_instances": "yes"}, {"detect_crashed_instances": ""}
    ):
        before = node.run(["pgrep", "-f", f"[g]uest=.*{uuid}"]).text
        node.run(["kill", "-KILL", *before.split()])
        until(lambda: uuid not in guests(virtual), RESTARTED, interval=0.2)
        until(lambda: guests(virtual).get(uuid) == [host] and is_well(nova.server(uuid)), RESTARTED)
    assert node.run(["pgrep", "-f", f"[g]uest=.*{uuid}"]).text != before
    assert guests(virtual) == hosts_in_nova(nova)
