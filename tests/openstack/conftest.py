"""One cloud for all tests here: deployed once from bare containers, as the first of them.

`--debian` chooses its nodes' release, and with it that of OpenStack. PCS_OS_CLOUD names the topology of a
cloud in a lab that is there already, and stays.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from evacuation import Drill, host_of
from lab_cloud import LabCloud, needs, pcs_os, topology_of
from nova_asked import Nova, ready

NAME = "ostest"

#: How many instances die with their node.
COUNT = 40


@dataclass(frozen=True)
class Kind:
    """The cloud of a release of Debian: its series, services and settings, and the memory for it, in GiB."""

    series: str
    services: str
    memory: float
    settings: Mapping[str, str] = field(default_factory=dict)


KINDS = {
    "bookworm": Kind(
        series="zed",
        services=(
            "instance-ha first-use nova-compute neutron-agents horizon cinder heat swift gnocchi ceilometer "
            "aodh etcd"
        ),
        memory=18.0,
    ),
    "trixie": Kind(
        series="2025.1",
        services="instance-ha first-use nova-compute neutron-agents horizon",
        memory=14.5,
        # Not every kernel that runs these containers has Open vSwitch.
        settings={"ovs_datapath_type": "netdev"},
    ),
}


@pytest.fixture(scope="session")
def bare(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    """Three controllers, and compute nodes where there shall be instances; packages, and nothing else."""
    there = os.environ.get("PCS_OS_CLOUD")
    if there:
        yield LabCloud(Path(there))
        return
    debian = pytestconfig.getoption("debian")
    kind = KINDS[debian]
    services = (pytestconfig.getoption("services") or kind.services).split()
    pcs_os("lab", "down", "--name", NAME)
    if services == kind.services.split() and available() < kind.memory:
        said = f"there are {available():.0f} GiB of memory, and the whole cloud takes {kind.memory:.0f}"
        pytest.fail(f"{said}; choose fewer services: --services 'instance-ha first-use nova-compute horizon'")
    try:
        computes = pytestconfig.getoption("computes") if "nova-compute" in services else 0
        shape = ["--release", debian, "--image", "openstack", "--nodes", "3", "--remotes", str(computes)]
        pcs_os("lab", "up", "--name", NAME, *shape, "--bare")
        cloud = LabCloud(
            topology_of(
                NAME,
                tmp_path_factory.mktemp("cloud"),
                services,
                kind.series,
                # A hypervisor whose instances outlive it, and are the other compute node's as well.
                compute_driver="lasting.LastingDriver",
                shared_instance_storage="yes",
                # A folder of a container is no disk.
                mount_check="false",
                # What one controller took in, all can give out.
                image_store="swift" if "swift" in services else "file",
                **kind.settings,
            )
        )
        if "cinder" in services:
            cloud.share_volumes()
        yield cloud
    finally:
        pcs_os("lab", "down", "--name", NAME)


def available() -> float:
    """Memory that is to be had, in GiB."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(kib) / (1 << 20)


@pytest.fixture(scope="session")
def cloud(bare: LabCloud) -> LabCloud:
    """The cloud, deployed."""
    result = bare.deploy()
    print(f"\ndeployed in {result['seconds']:.0f} s")
    return bare


@pytest.fixture(scope="session")
def nova(cloud: LabCloud) -> Nova:
    """Its Nova, with an image and the right to many instances."""
    return ready(cloud)


@pytest.fixture(scope="module")
def two_hosts(cloud: LabCloud, nova: Nova) -> Iterator[list[str]]:
    """Two compute nodes; a third one takes no instances meanwhile."""
    needs(cloud, "instance-ha", "nova-compute")
    first, second, *more = cloud.nodes("compute")
    for host in more:
        nova.switch(host, "disabled")
    yield [first, second]
    nova.delete_all()
    for host in more:
        nova.switch(host, "enabled")


@pytest.fixture
def drill(cloud: LabCloud, nova: Nova, two_hosts: list[str]) -> Drill:
    """Forty instances on one node: those of the test before, or new ones where it left them on both."""
    there = nova.servers()
    if len(there) != COUNT or len({host_of(each) for each in there}) != 1:
        nova.delete_all()
        nova.create(two_hosts[0], COUNT)
    return Drill(cloud, nova, [each["id"] for each in nova.servers()])
