"""Guests of libvirt that QEMU emulates, under real Nova: their node dies, and one of them crashes.

They boot from an empty disk, and run without end. It has a lab of its own: the others count guests by a
driver that remembers what it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from evacuation import host_of, is_well
from lab_cloud import LabCloud, pcs_os, topology_of
from nova_asked import Nova, ready, until
from trouble import told

from pacemaker_os.errors import TransportError

pytestmark = pytest.mark.cluster

NAME = "osvirt"

#: How many guests there are.
COUNT = 4

#: Until guests run elsewhere, a node is back, or a crashed guest runs again, in seconds.
MOVED, BACK, AGAIN = 300.0, 300.0, 300.0

#: libvirt where it can limit nothing and no guest is confined: in a container.
CONFINED = b"""security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
"""

VIRSH = ["virsh", "--connect", "qemu:///system"]


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """A cloud whose compute nodes run QEMU, and share the folder of instances."""
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
            cloud.node(name).put(CONFINED, "/etc/libvirt/qemu.conf")
        result = cloud.deploy()
        print(f"\ndeployed in {result['seconds']:.0f} s")
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


@pytest.fixture(scope="module")
def asked(virtual: LabCloud) -> Nova:
    """Its Nova, with guests on one node."""
    nova = ready(virtual)
    nova.create(virtual.nodes("compute")[0], COUNT)
    return nova


def guests(cloud: LabCloud, which: str = "--state-running") -> dict[str, list[str]]:
    """On which nodes libvirt has each guest. A node that is off has none."""
    found: dict[str, list[str]] = {}
    for host in cloud.nodes("compute"):
        with suppress(TransportError):
            for uuid in cloud.node(host).run([*VIRSH, "list", "--uuid", which]).text.split():
                found.setdefault(uuid, []).append(host)
    return found


def as_nova_says(nova: Nova) -> dict[str, list[str]]:
    """Where Nova has each guest that is well."""
    return {each["id"]: [host_of(each)] for each in nova.servers() if is_well(each)}


def test_libvirt_is_pacemakers_and_no_client_starts_it(virtual: LabCloud) -> None:
    for host in virtual.nodes("compute"):
        states = virtual.node(host).run(["systemctl", "is-enabled", "libvirtd", "libvirtd.socket"], ok=(0, 1))
        assert states.text.split() == ["disabled", "masked"]
        assert virtual.node(host).run(["systemctl", "is-active", "libvirtd"]).text.strip() == "active"


def test_guests_run_again_elsewhere_when_their_node_dies(virtual: LabCloud, asked: Nova) -> None:
    victim, other = virtual.nodes("compute")
    assert Counter(map(tuple, guests(virtual).values())) == {(victim,): COUNT}
    pcs_os("lab", "fault", "kill", "--name", NAME, victim)

    def have_moved() -> bool:
        there = guests(virtual)
        return Counter(map(tuple, there.values())) == {(other,): COUNT} and there == as_nova_says(asked)

    until(have_moved, MOVED)
    until(lambda: asked.uses(victim), BACK)
    # What was evacuated is not even known there any more.
    assert guests(virtual, "--all") == as_nova_says(asked)


def test_a_guest_that_crashes_is_started_again_in_place(virtual: LabCloud, asked: Nova) -> None:
    uuid, (host,) = next(iter(guests(virtual).items()))
    node = virtual.node(host)
    with told(virtual, "nova-compute", {"detect_crashed_instances": "yes"}, {"detect_crashed_instances": ""}):
        before = node.run(["pgrep", "-f", f"[g]uest=.*{uuid}"]).text
        node.run(["kill", "-KILL", *before.split()])
        until(lambda: uuid not in guests(virtual), AGAIN, every=0.2)
        until(lambda: guests(virtual).get(uuid) == [host] and is_well(asked.server(uuid)), AGAIN)
    assert node.run(["pgrep", "-f", f"[g]uest=.*{uuid}"]).text != before
    assert guests(virtual) == as_nova_says(asked)
